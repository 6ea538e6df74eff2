import { isUtf8 } from 'node:buffer'
import { statSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, boolean, constantFrom, integer, oneof, record } from 'fast-check'
import { expect, test } from 'vitest'
import type { Stream } from '../../protocol/agent-protocol.ts'
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

test('output is reported in order, once, within the limit, and the rest is counted, whenever it is printed', async () => {
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
          // A daemon keeps printing: that output does not belong to the invocation.
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
        // With an odd limit, the first half and the last half have the same size.
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

/** Texts of characters of one to four bytes, and bytes that are not text. */
const pieces = array(
  oneof(
    constantFrom('a', 'ä', '€', '🚢', '\n').map((text) => Buffer.from(text)),
    constantFrom(0xe4, 0x80, 0xff, 0xf0, 0xc3, 0xe2).map((byte) => Buffer.from([byte])),
  ),
  { minLength: 20, maxLength: 80 },
)

test('both halves are cut between characters, other bytes are kept, and the count of cut bytes is exact', async () => {
  let splits = 0
  await assert(
    asyncProperty(
      pieces,
      boolean(),
      integer({ min: 16, max: 40 }),
      array(integer({ min: 1, max: 9 })),
      async (all, isText, limitBytes, steps) => {
        const printed = Buffer.concat(isText ? all.filter((piece) => isUtf8(piece)) : all)
        const folder = await mkdtemp(join(tmpdir(), 'chandler-output-'))
        try {
          const log = openReportLog()
          const output = createInvocationOutput({ log, now: () => 1, earlier: [], limitBytes })
          output.begin(folder)
          // Written in chunks that end anywhere.
          let written = 0
          for (const step of [...steps, printed.length]) {
            await appendFile(join(folder, 'stdout'), printed.subarray(written, written + step))
            written += step
            output.look()
          }
          output.finish({ stdout: printed.length, stderr: 0 })
          const { cutBytes } = output.end()
          const runs: { from: number; to: number }[] = []
          for (let index = 0; index < log.count; index++) {
            const entry = log.at(index)
            if (entry?.kind !== 'output') throw new Error('only output was logged')
            const last = runs.at(-1)
            if (last?.to === entry.offset) last.to += entry.length
            else runs.push({ from: entry.offset, to: entry.offset + entry.length })
          }
          const kept = runs.reduce((sum, { from, to }) => sum + to - from, 0)
          expect(kept + cutBytes).toBe(printed.length)
          expect(kept).toBeLessThanOrEqual(limitBytes)
          // At a cut, only parts of a character may be missing.
          if (cutBytes > 0) expect(kept).toBeGreaterThanOrEqual(2 * Math.floor(limitBytes / 2) - 3)
          for (const { from, to } of runs) {
            if (isText)
              expect(isUtf8(printed.subarray(from, to)), `${from} to ${to} of ${printed.toString()}`).toBe(true)
            for (const edge of [from, to]) expect(isInsideCharacter(printed, edge)).toBe(false)
          }
          if (cutBytes > 0 && kept < 2 * Math.floor(limitBytes / 2)) splits++
        } finally {
          await rm(folder, { recursive: true })
        }
      },
    ),
    { numRuns: 400 },
  )
  expect(splits, 'some cuts fell into a character').toBeGreaterThan(20)
})

/** Whether some whole UTF-8 character has bytes on both sides. */
const isInsideCharacter = (bytes: Buffer, at: number) =>
  [2, 3, 4].some((length) =>
    Array.from({ length: length - 1 }, (_, index) => at - 1 - index).some((start) => {
      const character = start >= 0 ? bytes.subarray(start, start + length) : Buffer.alloc(0)
      return character.length === length && isUtf8(character) && [...character.toString()].length === 1
    }),
  )

test('bytes that are not text are cut exactly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-output-'))
  try {
    const log = openReportLog()
    const output = createInvocationOutput({ log, now: () => 1, earlier: [], limitBytes: 20 })
    output.begin(folder)
    await appendFile(join(folder, 'stdout'), Buffer.alloc(100, 0xe4))
    output.look()
    output.finish({ stdout: 100, stderr: 0 })
    expect(output.end()).toEqual({ stdoutBytes: 100, stderrBytes: 0, cutBytes: 80 })
  } finally {
    await rm(folder, { recursive: true })
  }
})
