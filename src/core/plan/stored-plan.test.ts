import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reasonCodes, reasonExamples } from '../../../test/reason-examples.ts'
import type { InstanceId } from '../id.ts'
import { makeTextReason, type Reason, type ReasonMessage } from '../reason/reason.ts'
import type { ShownPart, ShownTarget } from './plan-difference.ts'
import { readTarget, type StoredTarget, storeTarget } from './stored-plan.ts'

const reason: fc.Arbitrary<Reason> = fc.array(
  fc.constantFrom(...reasonCodes).map((code) => ({ code, arguments: reasonExamples[code] }) as ReasonMessage),
)
const decision = fc.record({
  step: fc.constantFrom('install' as const, 'skip' as const),
  reasonCode: fc.constantFrom('Planned' as const, 'NotInScope' as const),
  reason,
})
const part: fc.Arbitrary<ShownPart> = fc
  .tuple(fc.string(), decision)
  .map(([extensionName, decided]) => ({ extensionName, ...decided }))
const target: fc.Arbitrary<ShownTarget> = fc
  .tuple(fc.string(), decision, fc.option(fc.array(part), { nil: undefined }))
  .map(([name, decided, parts]) => ({ instanceId: 'i-1' as InstanceId, name, ...decided, ...(parts && { parts }) }))

const store = (value: object) => JSON.parse(JSON.stringify(value)) as StoredTarget

test('a target is read as it was stored', () => {
  fc.assert(
    fc.property(target, (one) => {
      expect(readTarget(store(storeTarget(one)))).toEqual(one)
    }),
  )
})

test('what is stored has no sentence, and a text where servers of an earlier release expect one', () => {
  fc.assert(
    fc.property(target, (one) => {
      const { reason: text, parts = [] } = store(storeTarget(one))
      expect([text, ...parts.map((stored) => stored.reason)].every((stored) => stored === '')).toBe(true)
    }),
  )
})

test('the texts of an earlier release stay as they are', () => {
  const part = {
    extensionName: 'a',
    step: 'install',
    reasonCode: 'Planned',
    reason: 'not installed: installs v1',
  } as const
  const old = { instanceId: 'i-1' as InstanceId, name: 'web-1', ...part, parts: [part] }
  const { reason, parts } = readTarget(store(old))
  expect([reason, parts?.[0]?.reason]).toEqual([makeTextReason(part.reason), makeTextReason(part.reason)])
})
