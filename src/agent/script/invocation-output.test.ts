import { statSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { expect, test } from 'vitest'
import type { Stream } from '../../protocol/agent-messages.ts'
import { openReportLog } from '../state/report-log.ts'
import { createInvocationOutput } from './invocation-output.ts'

const writes = array(
  record({
    script: integer({ min: 1, max: 3 }),
    stream: constantFrom('stdout' as const, 'stderr' as const),
    bytes: integer({ min: 0, max: 400 }),
    looks: constantFrom(true, false),
  }),
  { maxLength: 25 },
)

const sizeOf = (directory: string, stream: string) =>
  statSync(join(directory, stream), { throwIfNoEntry: false })?.size ?? 0

test('whatever is printed when: what is reported is what was printed, in order, once, within the limit, and the rest is counted', async () => {
  await assert(
    asyncProperty(writes, integer({ min: 1, max: 3_000 }), async (all, limitBytes) => {
      const folder = await mkdtemp(join(tmpdir(), 'chandler-output-'))
      try {
        const log = openReportLog()
        const output = createInvocationOutput({ log, now: () => 1, earlier: [], limitBytes })
        const printed = { stdout: '', stderr: '' }
        let letter = 0
        for (const script of [1, 2, 3]) {
          const directory = join(folder, String(script))
          await mkdir(directory)
          output.begin(directory)
          for (const write of all.filter((each) => each.script === script)) {
            const text = String.fromCharCode(97 + (letter++ % 26)).repeat(write.bytes)
            printed[write.stream] += text
            await appendFile(join(directory, write.stream), text)
            if (write.looks) output.look()
          }
          output.finish({ stdout: sizeOf(directory, 'stdout'), stderr: sizeOf(directory, 'stderr') })
          // A daemon prints on: it is not the invocation's.
          await appendFile(join(directory, 'stdout'), 'late')
        }
        const sizes = output.end()
        expect([sizes.stdoutBytes, sizes.stderrBytes]).toEqual([printed.stdout.length, printed.stderr.length])
        const reported: Record<Stream, string> = { stdout: '', stderr: '' }
        let bytes = 0
        for (let index = 0; index < log.count; index++) {
          const entry = log.at(index)
          if (entry?.kind !== 'output') throw new Error('only output was logged')
          expect(entry.offset, 'never backwards').toBeGreaterThanOrEqual(reported[entry.stream].length)
          reported[entry.stream] =
            reported[entry.stream].padEnd(entry.offset, '.') +
            output.read(entry.stream, entry.offset, entry.length).toString('latin1')
          bytes += entry.length
        }
        expect(bytes).toBeLessThanOrEqual(limitBytes)
        expect(bytes + sizes.cutBytes).toBe(printed.stdout.length + printed.stderr.length)
        // An odd limit has a first half and a last half of the same size.
        if (bytes < limitBytes - 2) expect(sizes.cutBytes === 0 || bytes >= Math.floor(limitBytes / 2)).toBe(true)
        for (const stream of ['stdout', 'stderr'] as const) {
          const text = printed[stream]
          expect([...reported[stream]].every((char, at) => char === '.' || char === text[at])).toBe(true)
          if (sizes.cutBytes === 0) expect(reported[stream]).toBe(text)
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    }),
    { numRuns: 60 },
  )
})
