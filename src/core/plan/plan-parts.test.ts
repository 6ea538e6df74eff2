import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeFacts, makeInstance } from '../../../test/make-instance.ts'
import type { ExecutionId, ExtensionId } from '../id.ts'
import type { InstalledState } from '../instance/instance.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { isWork, type PlannedRequest, planTarget } from './plan.ts'
import { findNextPart, type PartRequest, planParts } from './plan-parts.ts'

const versionFor = (platform: string) => ({
  version: 2,
  scope: { platforms: [{ id: platform }] },
  configurations: [{ id: 'c1', os: 'linux' as const, arch: 'any' }],
})

const state = fc.option(
  fc.record({ version: fc.constantFrom(1, 2), status: fc.constantFrom('installed' as const, 'broken' as const) }).map(
    (changes): InstalledState => ({
      extensionId: 'ext-1' as ExtensionId,
      configurationId: 'c1',
      parametersDigest: 'p',
      executionId: 'exec-1' as ExecutionId,
      ...changes,
    }),
  ),
  { nil: undefined },
)
const request: fc.Arbitrary<PlannedRequest> = fc.oneof(
  fc.record({
    action: fc.constantFrom('install' as const, 'update' as const),
    version: fc.constantFrom('debian', 'ubuntu').map(versionFor),
    valuesFor: fc.constant(() => ({ parametersDigest: 'p', changes: [], missing: [], unfit: [] })),
  }),
  fc.constant({ action: 'uninstall' as const }),
)
const instance = fc
  .constantFrom('debian', 'ubuntu')
  .map((id) => makeInstance({ facts: makeFacts({ os: { id, version: '12' } }) }))

/** Some parts, and one instance with its state of each. */
const planned = fc.integer({ min: 1, max: 5 }).chain((length) =>
  fc.record({
    requests: fc.array(request, { minLength: length, maxLength: length }),
    installed: fc.array(state, { minLength: length, maxLength: length }),
    instance,
  }),
)

const name = (requests: readonly PlannedRequest[]): PartRequest[] =>
  requests.map((one, index) => ({ extensionName: `e${index}`, request: one }))

test('each part is planned as it would be alone, and an instance is skipped if one of them skips it', () => {
  fc.assert(
    fc.property(planned, ({ requests, installed, instance: target }) => {
      const [plan] = planParts(name(requests), [{ instance: target, installed }])
      const alone = requests.map((one, index) => planTarget(one, { instance: target, installed: installed[index] }))
      const skipped = alone.find(({ step, reasonCode }) => step === 'skip' && reasonCode !== 'NotInstalled')
      const isNowhere = alone.every(({ reasonCode }) => reasonCode === 'NotInstalled')
      if (isNowhere) expect(plan).toMatchObject({ step: 'skip', reasonCode: 'NotInstalled' })
      else if (skipped) expect(plan).toMatchObject({ step: 'skip', reasonCode: skipped.reasonCode })
      else if (alone.some(isWork)) {
        expect(plan?.parts?.map(({ extensionName: _, ...part }) => ({ instanceId: target.id, ...part }))).toEqual(alone)
        const { instanceId: _, reason: __, ...first } = alone.find(isWork) ?? alone[0]!
        expect(plan).toMatchObject(first)
      } else expect(plan).toMatchObject({ step: 'none' })
      expect(plan?.parts !== undefined).toBe(plan !== undefined && isWork(plan))
    }),
    { numRuns: 2_000 },
  )
})

test('iterating over the parts visits every one that has work, once and in order, and no other', () => {
  const steps = fc.array(fc.record({ step: fc.constantFrom('install', 'none', 'update', 'skip' as const) }))
  fc.assert(
    fc.property(steps, (parts) => {
      const met: number[] = []
      for (let part = findNextPart(parts, -1); part !== undefined; part = findNextPart(parts, part)) met.push(part)
      expect(met).toEqual(parts.flatMap((part, index) => (isWork(part) ? [index] : [])))
    }),
  )
})

test('the reason names the first parts and counts the others', () => {
  const many = Array.from({ length: 50 }, () => ({ action: 'uninstall' as const }))
  const target = { instance: makeInstance(), installed: many.map(() => undefined) }
  const [plan] = planParts(name(many), [target])
  expect(renderEnglishReason(plan?.reason ?? [])).toMatch(
    /^e0: not installed; e1: .*; e15: not installed; and 34 more extensions$/,
  )
})
