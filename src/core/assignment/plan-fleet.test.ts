import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fleet, type FleetChange, type FleetKind, type FleetObjects, fleetKinds, planFleet } from './plan-fleet.ts'

const nothing = Object.fromEntries(fleetKinds.map((kind) => [kind, {}])) as Record<FleetKind, FleetObjects>

describe('planFleet', () => {
  test('creates, updates and leaves alone', () => {
    const actual = { ...nothing, group: { web: { filter: 'all' }, db: { filter: 'tag:role=db' } } }
    const desired = {
      group: { web: { filter: 'tag:role=web' }, db: { filter: 'tag:role=db' }, new: { filter: 'all' } },
    }
    expect(planFleet(desired, actual, { prune: false })).toEqual([
      { kind: 'group', name: 'web', action: 'update', fields: [{ field: 'filter', from: 'all', to: 'tag:role=web' }] },
      { kind: 'group', name: 'new', action: 'create', fields: [] },
    ])
  })

  test('prunes only kinds that the file has, and what others refer to last', () => {
    const actual = { ...nothing, channel: { 'demo/beta': {} }, group: { web: {} }, assignment: { one: {} } }
    const names = (changes: readonly FleetChange[]) =>
      changes.map(({ kind, action, name }) => `${action} ${kind} ${name}`)
    expect(names(planFleet({ group: {}, assignment: {} }, actual, { prune: true }))).toEqual([
      'delete assignment one',
      'delete group web',
    ])
    expect(planFleet({ group: {}, assignment: {} }, actual, { prune: false })).toEqual([])
  })

  test('the order of fields and absent fields make no difference', () => {
    const actual = { ...nothing, group: { web: { a: { x: 1, y: [1, 2] }, b: undefined } } }
    expect(planFleet({ group: { web: { a: { y: [1, 2], x: 1 } } } }, actual, { prune: true })).toEqual([])
    expect(planFleet({ group: { web: { a: { y: [2, 1], x: 1 } } } }, actual, { prune: true })).toHaveLength(1)
  })
})

const objects: fc.Arbitrary<FleetObjects> = fc.dictionary(
  fc.constantFrom('a', 'b', 'toString', '__proto__'),
  fc.dictionary(fc.constantFrom('x', 'y'), fc.oneof(fc.integer(), fc.constant({ z: [1] }), fc.constant(undefined)), {
    noNullPrototype: true,
  }),
  { noNullPrototype: true },
)
const fleet = fc.record(
  Object.fromEntries(fleetKinds.map((kind) => [kind, objects])) as Record<FleetKind, typeof objects>,
)

/** What the server has after the changes. */
function apply(actual: Required<Fleet>, desired: Fleet, changes: readonly FleetChange[]): Required<Fleet> {
  const after = Object.fromEntries(fleetKinds.map((kind) => [kind, new Map(Object.entries(actual[kind] ?? {}))]))
  for (const { kind, name, action } of changes) {
    if (action === 'delete') after[kind]?.delete(name)
    else after[kind]?.set(name, desired[kind]?.[name] ?? {})
  }
  return Object.fromEntries(
    fleetKinds.map((kind) => [kind, Object.fromEntries(after[kind] ?? [])]),
  ) as unknown as Required<Fleet>
}

test('applying twice changes nothing', () => {
  fc.assert(
    fc.property(fleet, fleet, fc.boolean(), (actual, desired, prune) => {
      const changes = planFleet(desired, actual, { prune })
      expect(planFleet(desired, apply(actual, desired, changes), { prune })).toEqual([])
    }),
  )
})
