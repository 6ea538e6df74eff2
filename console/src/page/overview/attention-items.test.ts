import { expect, test } from 'vitest'
import { hasMoreAttention, keyOf, listAttention } from './attention-items.ts'
import type { OverviewData } from './overview.ts'

type Attention = OverviewData['attention']
const at = '2026-01-01T00:00:00Z'
const none: Attention = { waiting: [], failed: [], broken: [], away: [], pending: [], quarantined: [] }
const broken = (instanceId: string, executionId: string) => ({
  instanceId,
  instanceName: instanceId,
  extension: 'demo',
  version: 'v1',
  executionId,
  since: at,
  sameCount: 4,
})
const execution = (id: string) => ({ id, createdAt: at }) as Attention['waiting'][number]

test('possible attacks and pending decisions come first, offline instances last', () => {
  const items = listAttention({
    waiting: [execution('exec-1')],
    failed: [execution('exec-2')],
    broken: [broken('i-1', 'exec-2')],
    away: [{ instanceId: 'i-2', instanceName: 'two' }],
    pending: [{ instanceId: 'i-3', instanceName: 'three', reason: 'r', since: at }],
    quarantined: [{ instanceId: 'i-3', instanceName: 'three', reason: 'r', since: at }],
  })
  expect(items.map(({ kind }) => kind)).toEqual(['quarantined', 'pending', 'waiting', 'broken', 'failed', 'away'])
  expect(new Set(items.map(keyOf)).size).toBe(6)
  expect(items.at(-1)?.since).toBeUndefined()
})

test('a change that broke several instances is one item', () => {
  const items = listAttention({
    ...none,
    broken: [broken('i-1', 'exec-1'), broken('i-2', 'exec-2'), broken('i-3', 'exec-1')],
  })
  expect(items.map((item) => item.kind === 'broken' && item.instances.map(({ instanceId }) => instanceId))).toEqual([
    ['i-1', 'i-3'],
    ['i-2'],
  ])
  expect(items.map((item) => item.kind === 'broken' && item.moreCount)).toEqual([2, 3])
})

test('ten items of a kind may be incomplete', () => {
  expect(hasMoreAttention(none)).toBe(false)
  const waiting = Array.from({ length: 10 }, (_, index) => execution(`exec-${index}`))
  expect(hasMoreAttention({ ...none, waiting })).toBe(true)
})
