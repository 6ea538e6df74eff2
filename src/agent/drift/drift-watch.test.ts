import { expect, test } from 'vitest'
import { makeTextReason } from '../../core/reason/reason.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import type { InstalledRecord } from '../../protocol/agent-records.ts'
import type { DriftEntry } from '../../protocol/drift-message.ts'
import { DriftWatch, type InstalledFinding } from './drift-watch.ts'

const digest = 'a'.repeat(64)
const makeRecord = (extensionId: string): InstalledRecord =>
  ({
    extensionId,
    extensionName: extensionId,
    executionId: 'exec-1',
    status: 'installed',
    installation: { version: 1, parametersDigest: digest, configuration: { id: 'c1' } },
    recordedAt: 0,
  }) as unknown as InstalledRecord

const missing: InstalledFinding = { kind: 'drifted', reason: makeTextReason('There is no such file.') }
const intervalMs = 1_000

/** A watch over two extensions, whose findings the test sets. */
function openWatch() {
  const clock = createManualClock(0)
  const records = new Map(['ext-a', 'ext-b'].map((id) => [id, makeRecord(id)]))
  const findings = new Map<string, InstalledFinding | (() => Promise<InstalledFinding>)>()
  const reports: DriftEntry[][] = []
  const state = { isOnline: true, isChanging: false, looks: 0 }
  const watch = new DriftWatch({
    records: {
      list: () => [...records.values()].map(({ extensionId, status }) => ({ extensionId, status }) as never),
      read: async (id) => records.get(id),
    },
    async check({ extensionId }, signal) {
      state.looks += 1
      const finding = findings.get(extensionId) ?? { kind: 'holds' }
      const found = typeof finding === 'function' ? await finding() : finding
      signal.throwIfAborted()
      return found
    },
    isChanging: () => state.isChanging,
    clock,
    random: () => 0.5,
    log: silentLogger,
  })
  watch.onReport((entries) => {
    if (state.isOnline) reports.push(entries)
    return state.isOnline
  })
  return { clock, records, findings, reports, state, watch }
}

const idsOf = (reports: DriftEntry[][]) => reports.map((entries) => entries.map(({ extensionId }) => extensionId))

test('looks at the interval, and reports everything that has drifted when it changes', async () => {
  const { clock, findings, reports, state, watch } = openWatch()
  watch.connected(intervalMs)
  expect(clock.dueAt()).toEqual([500])
  await clock.advance(500)
  // After a connect the agent reports once, even if nothing has drifted.
  expect(idsOf(reports)).toEqual([[]])
  findings.set('ext-a', missing)
  await clock.advance(intervalMs)
  await clock.advance(intervalMs)
  expect(state.looks).toBe(6)
  expect(idsOf(reports)).toEqual([[], ['ext-a']])
  findings.set('ext-b', missing)
  await clock.advance(intervalMs)
  expect(reports.at(-1)?.map(({ extensionId, agoMs }) => [extensionId, agoMs])).toEqual([
    ['ext-a', 2_000],
    ['ext-b', 0],
  ])
  findings.clear()
  await clock.advance(intervalMs)
  expect(idsOf(reports).at(-1)).toEqual([])
})

test('what was found without a connection is reported at the first look after it', async () => {
  const { clock, findings, reports, state, watch } = openWatch()
  watch.connected(intervalMs)
  await clock.advance(500)
  state.isOnline = false
  findings.set('ext-a', missing)
  await clock.advance(2 * intervalMs)
  expect(idsOf(reports)).toEqual([[]])
  state.isOnline = true
  watch.connected(intervalMs)
  await clock.advance(intervalMs)
  expect(reports.at(-1)).toMatchObject([{ extensionId: 'ext-a', agoMs: 2_000 }])
})

test('a finding that cannot be made keeps the earlier one', async () => {
  const { clock, findings, reports, watch } = openWatch()
  watch.connected(intervalMs)
  findings.set('ext-a', missing)
  await clock.advance(500)
  findings.set('ext-a', { kind: 'unknown' })
  await clock.advance(intervalMs)
  expect(idsOf(reports)).toEqual([['ext-a']])
})

test('gives way to work, and forgets what the work has changed', async () => {
  const { clock, findings, reports, state, watch } = openWatch()
  state.isChanging = true
  watch.connected(intervalMs)
  await clock.advance(500)
  expect(state.looks).toBe(0)
  state.isChanging = false
  findings.set('ext-a', missing)
  await clock.advance(intervalMs)
  expect(idsOf(reports)).toEqual([['ext-a']])
  // Work begins while a check runs: what it saw does not count.
  const seen = Promise.withResolvers<InstalledFinding>()
  findings.set('ext-b', () => seen.promise)
  await clock.advance(intervalMs)
  watch.interrupt()
  seen.resolve(missing)
  watch.forget('ext-a')
  findings.clear()
  await clock.advance(intervalMs)
  // The end of the work reported the change; one more report says that all holds.
  expect(idsOf(reports)).toEqual([['ext-a'], []])
})

test('an extension that is no longer installed has not drifted, and a server without checks gets none', async () => {
  const { clock, findings, records, reports, watch } = openWatch()
  findings.set('ext-a', missing)
  watch.connected(intervalMs)
  await clock.advance(500)
  records.delete('ext-a')
  await clock.advance(intervalMs)
  expect(idsOf(reports)).toEqual([['ext-a'], []])
  watch.connected(undefined)
  expect(clock.dueAt()).toEqual([])
  await watch.close()
})
