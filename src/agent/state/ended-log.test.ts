import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EndEntry } from '../../protocol/agent-records.ts'
import { openEndedLog } from './ended-log.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-ended-'))
  path = join(folder, 'ended.jsonl')
})
afterEach(() => rm(folder, { recursive: true }))

const makeEnd = (number: number, output = 'öl'): EndEntry => ({
  kind: 'end',
  invocationId: `inv-x-${number}-1`,
  at: number,
  outcome: { state: 'succeeded', reasonCode: 'Succeeded', reason: 'Installed v1.', output },
  stdoutBytes: 0,
  stderrBytes: 0,
  cutBytes: 0,
})

test('ends are kept over a restart, and over a line that a crash cut off', async () => {
  const first = await openEndedLog(path)
  await Promise.all([1, 2, 3].map((number) => first.add(makeEnd(number))))
  await first.close()
  await appendFile(path, '{"invocationId":"inv-x-4-1","end":{"ki')
  const second = await openEndedLog(path)
  expect(second.has('inv-x-4-1')).toBe(false)
  await second.add(makeEnd(5))
  await second.close()
  const third = await openEndedLog(path)
  for (const number of [1, 2, 3, 5]) expect(await third.get(`inv-x-${number}-1`)).toEqual(makeEnd(number))
  expect(await third.get('inv-x-4-1')).toBeUndefined()
  await third.close()
})

test('beyond the limit the older half is dropped, on disk too', async () => {
  const log = await openEndedLog(path, 10)
  for (let number = 1; number <= 25; number++) await log.add(makeEnd(number))
  expect(await log.get('inv-x-25-1')).toEqual(makeEnd(25))
  expect(await log.get('inv-x-21-1')).toEqual(makeEnd(21))
  expect(log.has('inv-x-1-1')).toBe(false)
  await log.close()
  expect((await readFile(path, 'utf8')).trim().split('\n').length).toBeLessThanOrEqual(10)
})
