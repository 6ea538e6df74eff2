import { appendFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openReportLog } from './report-log.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-report-'))
})
afterEach(() => rm(folder, { recursive: true }))

const output = (offset: number, length = 10) =>
  ({ kind: 'output', at: 5 + offset, stream: 'stdout', offset, length }) as const

test('the log is the same after a restart, except for a cut-off last line', async () => {
  const path = join(folder, 'report.jsonl')
  const first = openReportLog(path)
  first.append({ kind: 'state', at: 3, state: 'accepted' })
  first.append(output(0))
  first.acknowledge(1)
  first.append(output(10))
  first.close()
  await truncate(path, (await stat(path)).size - 3)
  const second = openReportLog(path)
  expect({ count: second.count, acknowledged: second.acknowledged, lastAt: second.lastAt }).toEqual({
    count: 2,
    acknowledged: 1,
    lastAt: 5,
  })
  expect(second.reportedTo).toEqual({ stdout: 10, stderr: 0 })
  second.append(output(10))
  second.close()
  const third = openReportLog(path)
  expect([third.at(0), third.at(1), third.at(2), third.at(3)]).toEqual([
    { kind: 'state', at: 3, state: 'accepted' },
    output(0),
    output(10),
    undefined,
  ])
  third.close()
})

test('foreign lines are ignored, and acknowledgements never exceed the number of entries', async () => {
  const path = join(folder, 'report.jsonl')
  await appendFile(path, 'null\n"x"\n{"kind":"output","stream":"nowhere"}\n99\n')
  const log = openReportLog(path)
  expect({ count: log.count, acknowledged: log.acknowledged }).toEqual({ count: 0, acknowledged: 0 })
  log.close()
})

test('acknowledged entries are dropped, and numbers continue', () => {
  const log = openReportLog()
  for (let at = 0; at < 1_000; at++) log.append(output(at * 10))
  log.acknowledge(600)
  expect(log.at(599)).toBeUndefined()
  expect(log.at(600)).toEqual(output(6_000))
  expect(log.count).toBe(1_000)
  expect(log.reportedBytes).toBe(10_000)
})
