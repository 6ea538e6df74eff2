import { expect, test } from 'vitest'
import { factsSchema } from '../../protocol/agent-messages.ts'
import { fitFacts } from './fit-facts.ts'
import { makeSimulatedFacts } from './simulated-facts.ts'

const fleet = Array.from({ length: 1_000 }, (_, ordinal) => makeSimulatedFacts(7, ordinal, `sim-${ordinal}`, '1.0.0'))
const count = (fits: (facts: (typeof fleet)[number]) => boolean) => fleet.filter(fits).length

test('a seed determines the fleet', () => {
  expect(makeSimulatedFacts(7, 3, 'sim-3', '1.0.0')).toEqual(fleet[3])
  expect(
    fleet.filter((facts, ordinal) => facts.os.id === makeSimulatedFacts(8, ordinal, 'x', '1').os.id).length,
  ).toBeLessThan(400)
})

test('scopes match a part of the fleet: systems, versions, architectures and clouds are mixed by their weights', () => {
  expect(count(({ os }) => os.id === 'debian')).toBeGreaterThan(280)
  expect(count(({ os }) => os.id === 'debian')).toBeLessThan(420)
  expect(count(({ os }) => os.arch === 'arm64')).toBeGreaterThan(140)
  expect(count(({ os }) => os.arch === 'arm64')).toBeLessThan(260)
  expect(count(({ cloud }) => cloud === undefined)).toBeGreaterThan(140)
  expect(count(({ cloud }) => cloud?.instanceFamily === 'ecs.g7')).toBeGreaterThan(180)
  expect(new Set(fleet.map(({ addresses }) => addresses[0])).size).toBe(1_000)
})

test('simulated facts match the schema of real ones', () => {
  for (const facts of fleet.slice(0, 100)) {
    expect(factsSchema.parse(facts)).toEqual(facts)
    expect(fitFacts(facts)).toEqual(facts)
  }
})

test('facts beyond the limits of their schema are cut to fit', () => {
  const long = 'x'.repeat(1_000)
  const base = fleet.find(({ cloud }) => cloud !== undefined)
  if (base?.cloud === undefined) throw new Error('no simulated instance is in a cloud')
  const facts = fitFacts({
    ...base,
    os: { ...base.os, id: long, version: long, name: long, kernel: long, arch: long },
    hostName: long,
    addresses: Array.from({ length: 100 }, (_, index) => (index === 0 ? long : `10.0.0.${index}`)),
    virtualization: long,
    agentVersion: long,
    cloud: { ...base.cloud, region: long, imageId: long, networkType: long },
  })
  expect(factsSchema.parse(facts)).toEqual(facts)
  expect(facts.addresses).toHaveLength(64)
})
