import { expect, test } from 'vitest'
import type { ReportEntry } from '../../protocol/agent-messages.ts'
import type { EndEntry } from '../../protocol/agent-records.ts'
import { openReportLog } from '../state/report-log.ts'
import { createOutbox, type ReportSource } from './outbox.ts'

const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251))

function makeSource(invocationId: string, ...lengths: number[]): ReportSource & { ended: number } {
  const log = openReportLog()
  log.append({ kind: 'state', at: 1, state: 'accepted' })
  let offset = 0
  for (const length of lengths) {
    log.append({ kind: 'output', at: 2, stream: 'stdout', offset, length })
    offset += length
  }
  const source = {
    invocationId,
    log,
    end: undefined as EndEntry | undefined,
    ended: 0,
    read: (_: string, from: number, length: number) => bytes.subarray(from, from + length),
    onEndAcknowledged: () => void source.ended++,
  }
  return source
}

const makeEnd = (invocationId: string): EndEntry => ({
  kind: 'end',
  invocationId,
  at: 3,
  outcome: { state: 'succeeded', reasonCode: 'Succeeded', reason: 'Installed v1.' },
  stdoutBytes: 0,
  stderrBytes: 0,
  cutBytes: 0,
})

const outputOf = (entries: ReportEntry[]) =>
  Buffer.concat(entries.map((entry) => (entry.kind === 'output' ? Buffer.from(entry.data, 'base64') : Buffer.alloc(0))))

test('a batch never exceeds its limit, however small, and cutting loses nothing', () => {
  for (const maxBytes of [1_000, 70_000, 300_000]) {
    const outbox = createOutbox()
    const source = makeSource('inv-a-1-1', 65_536, 10, 65_536)
    outbox.add(source)
    const all: ReportEntry[] = []
    for (let batch = outbox.take(maxBytes); batch.length > 0; batch = outbox.take(maxBytes)) {
      expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(maxBytes)
      all.push(...batch)
    }
    expect(outputOf(all).equals(bytes.subarray(0, 131_082))).toBe(true)
    let at = 0
    for (const entry of all) {
      if (entry.kind !== 'output') continue
      expect(entry.offset).toBe(at)
      at += Buffer.from(entry.data, 'base64').length
    }
  }
})

test('invocations are served in turn, and the end comes after all other entries', () => {
  const outbox = createOutbox()
  const [chatty, quiet] = [makeSource('inv-a-1-1', ...Array(400).fill(10)), makeSource('inv-b-1-1')]
  quiet.end = makeEnd(quiet.invocationId)
  outbox.add(chatty)
  outbox.add(quiet)
  const first = outbox.take(512 * 1024)
  expect(first).toHaveLength(256)
  expect(first.filter(({ invocationId }) => invocationId === quiet.invocationId).map(({ kind }) => kind)).toEqual([
    'state',
    'end',
  ])
})

test('after a rewind, unacknowledged entries are taken again, acknowledged ones are not', () => {
  const outbox = createOutbox()
  const source = makeSource('inv-a-1-1', 100, 100, 100, 100)
  source.end = makeEnd(source.invocationId)
  outbox.add(source)
  const first = outbox.take(600)
  const second = outbox.take(600)
  const third = outbox.take(512 * 1024)
  expect(outbox.take(512 * 1024)).toEqual([])
  outbox.acknowledged(first)
  outbox.rewind()
  expect(outbox.take(512 * 1024)).toEqual([...second, ...third])
  // From a lost connection: it must not acknowledge entries taken since.
  outbox.acknowledged(third)
  expect(source.ended).toBe(0)
  outbox.rewind()
  const again = outbox.take(512 * 1024)
  expect(again).toEqual([...second, ...third])
  outbox.acknowledged(again)
  expect(source.ended).toBe(1)
  outbox.rewind()
  expect(outbox.take(512 * 1024)).toEqual([])
})
