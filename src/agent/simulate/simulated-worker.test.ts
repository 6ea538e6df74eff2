import { expect, test } from 'vitest'
import { makeInvocation } from '../../../test/integration/agent/agent-peer.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { type ReportEntry, reportSchema } from '../../protocol/agent-messages.ts'
import { type Behaviour, SimulatedWorker } from './simulated-worker.ts'

function makeWorker(fields: Partial<Behaviour> = {}, seed = 1) {
  const clock = createManualClock(1_000)
  const behaviour = {
    durationMs: { min: 10, max: 10 },
    failureRate: 0,
    outputBytes: 0,
    clock,
    onEnd: () => {},
    ...fields,
  }
  return { clock, worker: new SimulatedWorker(behaviour, seed) }
}

const take = (worker: SimulatedWorker) => worker.take(512 * 1024)
const words = (entries: ReportEntry[]) => entries.map((entry) => (entry.kind === 'state' ? entry.state : entry.kind))
const endOf = (entries: ReportEntry[]) => {
  const end = entries.find((entry) => entry.kind === 'end')
  if (end?.kind !== 'end') throw new Error('there is no end among them')
  return end
}

test('a script takes its time, prints, and leaves the wanted version', async () => {
  const { clock, worker } = makeWorker({ outputBytes: 100_000 })
  let reported = 0
  worker.onReport(() => reported++)
  await worker.offer(makeInvocation(1, { artifactUrl: '/a' }))
  expect(words(take(worker))).toEqual(['accepted', 'downloading', 'running'])
  await clock.advance(9)
  expect(take(worker)).toEqual([])
  expect(reported).toBe(1)
  await clock.advance(1)
  const entries = take(worker)
  expect(reported).toBe(2)
  expect(words(entries)).toEqual(['output', 'output', 'end'])
  reportSchema.parse({ type: 'report', id: 1, entries })
  const printed = entries.flatMap((entry) => (entry.kind === 'output' ? [Buffer.from(entry.data, 'base64')] : []))
  expect(Buffer.concat(printed)).toHaveLength(100_000)
  expect(endOf(entries)).toMatchObject({
    stdoutBytes: 100_000,
    outcome: { state: 'succeeded', exitCode: 0, installed: { status: 'installed', version: 1, configurationId: 'c1' } },
  })
})

test('a script that takes no time is one batch from acceptance to end', async () => {
  const { worker } = makeWorker({ durationMs: { min: 0, max: 0 } })
  await worker.offer(makeInvocation(1))
  expect(words(take(worker))).toEqual(['accepted', 'running', 'end'])
})

test('an id that is offered twice starts once, also after its end was acknowledged', async () => {
  const { clock, worker } = makeWorker()
  await worker.offer(makeInvocation(1))
  await worker.offer(makeInvocation(1))
  await clock.advance(10)
  const batch = take(worker)
  expect(words(batch)).toEqual(['accepted', 'running', 'end'])
  expect(worker.open()).toEqual([{ id: 'inv-abc-1-1', state: 'ended' }])
  worker.acknowledged(batch)
  expect(worker.open()).toEqual([])
  await worker.offer(makeInvocation(1))
  expect(take(worker)).toEqual([])
})

test('after a rewind all unacknowledged entries are taken again, in order', async () => {
  const { clock, worker } = makeWorker()
  await worker.offer(makeInvocation(1))
  worker.acknowledged(take(worker))
  await clock.advance(10)
  await worker.offer(makeInvocation(2))
  const unacknowledged = [...take(worker)]
  await clock.advance(10)
  worker.rewind()
  const again = take(worker)
  expect(again.slice(0, 3)).toEqual(unacknowledged)
  expect(words(again)).toEqual(['end', 'accepted', 'running', 'end'])
})

test('a batch keeps to its limits, but is never empty while there are entries', async () => {
  const { worker } = makeWorker({ durationMs: { min: 0, max: 0 }, outputBytes: 64 * 1024 })
  for (let ordinal = 1; ordinal <= 100; ordinal++) await worker.offer(makeInvocation(ordinal))
  const limit = 200 * 1024
  let count = 0
  for (let batch = worker.take(limit); batch.length > 0; batch = worker.take(limit)) {
    count += batch.length
    expect(JSON.stringify(batch).length).toBeLessThanOrEqual(limit)
  }
  expect(count).toBe(400)
  worker.rewind()
  expect(worker.take(1)).toHaveLength(1)
  const small = makeWorker({ durationMs: { min: 0, max: 0 } }).worker
  for (let ordinal = 1; ordinal <= 100; ordinal++) await small.offer(makeInvocation(ordinal))
  expect(take(small)).toHaveLength(256)
})

test('the failure rate holds over many scripts, and the seed decides which fail', async () => {
  const run = async (seed: number) => {
    const { worker } = makeWorker({ durationMs: { min: 0, max: 0 }, failureRate: 0.2 }, seed)
    const states: string[] = []
    for (let ordinal = 1; ordinal <= 500; ordinal++) {
      await worker.offer(makeInvocation(ordinal))
      const { outcome } = endOf(take(worker))
      states.push(outcome.state)
      if (outcome.state === 'failed') expect(outcome.installed).toMatchObject({ status: 'broken', version: 1 })
    }
    return states
  }
  const states = await run(1)
  const failed = states.filter((state) => state === 'failed').length
  expect(failed).toBeGreaterThan(60)
  expect(failed).toBeLessThan(140)
  expect(await run(1)).toEqual(states)
  expect(await run(2)).not.toEqual(states)
})

test('cancel ends a running script, reports it, and has no effect on an ended one', async () => {
  const { clock, worker } = makeWorker()
  await worker.offer(makeInvocation(1))
  worker.cancel('inv-abc-1-1')
  worker.cancel('inv-abc-1-1')
  worker.cancel('inv-abc-9-1')
  await clock.advance(100)
  const entries = take(worker)
  expect(words(entries)).toEqual(['accepted', 'running', 'end'])
  expect(endOf(entries).outcome).toMatchObject({
    state: 'cancelled',
    reasonCode: 'CancelledByUser',
    installed: { status: 'broken' },
  })
})

test('a script that exceeds its timeout is reported as timed out', async () => {
  const { clock, worker } = makeWorker({ durationMs: { min: 3_600_000, max: 3_600_000 } })
  await worker.offer(makeInvocation(1))
  await clock.advance(60_000)
  expect(endOf(take(worker)).outcome).toMatchObject({ state: 'timedOut', reasonCode: 'ScriptTimedOut' })
})

test('an uninstall leaves nothing; a failed one leaves the installed version, broken', async () => {
  const { wanted, ...rest } = makeInvocation(1)
  if (wanted === undefined) throw new Error('an install wants something')
  const uninstall = { ...rest, action: 'uninstall' as const, installed: { ...wanted, version: 2 } }
  const good = makeWorker({ durationMs: { min: 0, max: 0 } }).worker
  await good.offer(uninstall)
  expect(endOf(take(good)).outcome.installed).toEqual({ status: 'absent' })
  const bad = makeWorker({ durationMs: { min: 0, max: 0 }, failureRate: 1 }).worker
  await bad.offer(uninstall)
  expect(endOf(take(bad)).outcome.installed).toMatchObject({ status: 'broken', version: 2 })
})

test('four invocations of different extensions run at once; the fifth waits, reports so, and runs later', async () => {
  const { clock, worker } = makeWorker()
  const offer = (ordinal: number, extensionId: string) => worker.offer(makeInvocation(ordinal, { extensionId }))
  await offer(1, 'ext-1')
  await offer(2, 'ext-1')
  for (let ordinal = 3; ordinal <= 6; ordinal++) await offer(ordinal, `ext-${ordinal}`)
  expect(worker.waiting()).toEqual(['inv-abc-2-1', 'inv-abc-6-1'])
  expect(worker.open().map(({ state }) => state)).toEqual([
    'running',
    'waiting',
    'running',
    'running',
    'running',
    'waiting',
  ])
  expect(words(take(worker).filter(({ invocationId }) => invocationId === 'inv-abc-6-1'))).toEqual([
    'accepted',
    'waiting',
  ])
  await clock.advance(10)
  expect(worker.waiting()).toEqual([])
  await clock.advance(10)
  expect(words(take(worker)).filter((word) => word === 'end')).toHaveLength(6)
})

test('a waiting invocation ends without a start when it is cancelled, or when the server says that it is over', async () => {
  const { clock, worker } = makeWorker()
  for (let ordinal = 1; ordinal <= 3; ordinal++) await worker.offer(makeInvocation(ordinal))
  take(worker)
  worker.cancel('inv-abc-2-1')
  worker.reconcile({ cancelled: [], over: ['inv-abc-1-1', 'inv-abc-3-1'], wanted: [] })
  const entries = take(worker)
  expect(words(entries)).toEqual(['end', 'end'])
  expect(endOf(entries).outcome).toEqual({
    state: 'cancelled',
    reasonCode: 'CancelledByUser',
    reason: 'Cancelled before anything was done.',
    reasonMessages: [{ code: 'CancelledBeforeAnything', arguments: {} }],
  })
  await clock.advance(10)
  expect(words(take(worker))).toEqual(['end'])
})
