import { expect, test } from 'vitest'
import type { InstanceId } from '../id.ts'
import { maxNamedDifferences } from '../limits.ts'
import { makeReason, makeTextReason } from '../reason/reason.ts'
import { comparePlans, describeDifference, renderDecision, type ShownTarget } from './plan-difference.ts'

const changes12 = makeReason('VersionChanges', { from: 1, to: 2 })
const installed = makeReason('AlreadyInstalled', { version: 2 })

const target = (id: number, changes: Partial<ShownTarget> = {}): ShownTarget => ({
  instanceId: `i-${id}` as InstanceId,
  name: `web-${id}`,
  step: 'update',
  reasonCode: 'Planned',
  reason: changes12,
  fromVersion: 1,
  toVersion: 2,
  configurationId: 'c1',
  parametersDigest: 'p',
  ...changes,
})

test('added, removed and changed targets are counted and named', () => {
  const before = [target(1), target(2), target(3)]
  const after = [target(2), target(3, { step: 'none', reasonCode: 'AlreadyAsWanted', reason: installed }), target(4)]
  const difference = comparePlans(before, after)
  expect(difference).toEqual({
    added: { count: 1, targets: [{ instanceId: 'i-4', instanceName: 'web-4', step: 'update', reason: changes12 }] },
    removed: { count: 1, targets: [{ instanceId: 'i-1', instanceName: 'web-1', step: 'update', reason: changes12 }] },
    changed: {
      count: 1,
      targets: [{ instanceId: 'i-3', instanceName: 'web-3', step: 'none', reason: installed, before: changes12 }],
    },
  })
  expect(describeDifference(difference)).toBe('targets: 1 added, 1 removed, 1 changed')
})

test('another name, batch or wording is no difference; other values or another version of a part are', () => {
  const shown = target(1, { name: 'renamed', batch: 7, reason: makeTextReason('in other words') })
  expect(renderDecision(shown)).toBe(renderDecision(target(1)))
  expect(renderDecision(target(1, { parametersDigest: 'q' }))).not.toBe(renderDecision(target(1)))
  const part = { ...target(1), extensionName: 'a' }
  expect(renderDecision(target(1, { parts: [part] }))).not.toBe(
    renderDecision(target(1, { parts: [{ ...part, toVersion: 3 }] })),
  )
})

test('however many differ, few are named', () => {
  const many = Array.from({ length: 1_000 }, (_, id) => target(id))
  const { added } = comparePlans([], many)
  expect(added.count).toBe(1_000)
  expect(added.targets).toHaveLength(maxNamedDifferences)
})
