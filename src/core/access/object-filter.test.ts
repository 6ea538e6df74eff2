import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluatePolicies, type GrantedPolicy } from './evaluate-policies.ts'
import {
  compileObjectFilter,
  dependsOnLabels,
  labelOperators,
  listConditionTags,
  matchObjectFilter,
} from './object-filter.ts'
import { findCommonLabels, labelFacts } from './object-labels.ts'
import type { PolicyCondition, PolicyStatement } from './policy-document.ts'

const request = {
  action: 'ecs:DescribeInstances',
  kind: 'instance',
  region: 'eu-1',
  accountId: 'acme',
  facts: { 'acs:SecureTransport': 'true' },
} as const

const word = fc.constantFrom('a', 'A', 'b', 'ab', 'a*', 'ä', 'Ä', '😀', '?', '')
const condition: fc.Arbitrary<PolicyCondition> = fc.oneof(
  fc.record({
    operator: fc.constantFrom(...labelOperators),
    key: fc.constantFrom('acs:ResourceTag/team', 'ACS:resourcetag/team', 'acs:ResourceTag/Team', 'acs:ResourceGroup'),
    values: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.constantFrom(
    { operator: 'Bool', key: 'acs:SecureTransport', values: ['true'] } as const,
    { operator: 'Bool', key: 'acs:SecureTransport', values: ['false'] } as const,
  ),
)
const statement: fc.Arbitrary<PolicyStatement> = fc.record({
  effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  actions: fc.subarray(['ecs:DescribeInstances', 'ecs:*', 'oos:*', '*'], { minLength: 1 }),
  except: fc.boolean(),
  resources: fc.subarray(
    [
      '*',
      'acs:ecs:*:*:*',
      'acs:ecs:::instance/*',
      'acs:ecs:*:*:instance/i-?',
      'acs:ecs:eu-2:*:instance/*',
      'acs:*:*:acme:inst*e/i-1',
      'acs:ecs:*:*:snapshot/*',
      'acs:ecs:*:*:instance/i-2',
    ],
    { minLength: 1 },
  ),
  conditions: fc.array(condition, { maxLength: 2 }),
})
const policies: fc.Arbitrary<GrantedPolicy[]> = fc
  .array(fc.array(statement, { maxLength: 4 }), { maxLength: 3 })
  .map((lists) => lists.map((statements, index) => ({ name: `p${index}`, document: { version: '1', statements } })))
const object = fc.record({
  id: fc.constantFrom('i-1', 'i-2', 'i-10'),
  tags: fc.dictionary(fc.constantFrom('team', 'Team', 'env'), word),
  resourceGroup: word,
})

test('a filter permits exactly the objects that the policies permit', () => {
  fc.assert(
    fc.property(policies, object, (granted, { id, ...labels }) => {
      const name = `instance/${id}`
      const facts = { ...request.facts, ...labelFacts(labels) }
      const resource = `acs:ecs:eu-1:acme:${name}`
      const decision = evaluatePolicies(granted, { action: request.action, resource, facts })
      expect(matchObjectFilter(compileObjectFilter(granted, request), { ...labels, name })).toBe(decision.allowed)
    }),
    { numRuns: 2_000 },
  )
})

const grant = (...statements: Partial<PolicyStatement>[]): GrantedPolicy[] => [
  {
    name: 'own',
    document: {
      version: '1',
      statements: statements.map((one) => ({
        effect: 'Allow',
        actions: ['ecs:*'],
        except: false,
        resources: ['*'],
        conditions: [],
        ...one,
      })),
    },
  },
]
const ofTeam = { operator: 'StringEquals', key: 'acs:ResourceTag/team', values: ['a'] } as const

describe('needs no query', () => {
  test('if everything is allowed', () => {
    expect(compileObjectFilter(grant({}), request)).toBe('all')
    expect(compileObjectFilter(grant({ resources: ['acs:ecs:*:*:instance/*'] }), request)).toBe('all')
  })

  test('if nothing can be allowed', () => {
    expect(compileObjectFilter([], request)).toBe('none')
    expect(compileObjectFilter(grant({ resources: ['acs:ecs:*:*:snapshot/*'] }), request)).toBe('none')
    expect(compileObjectFilter(grant({}, { effect: 'Deny' }), request)).toBe('none')
  })
})

test('labels have to be loaded only if a statement depends on them', () => {
  expect(dependsOnLabels(grant({}))).toBe(false)
  expect(dependsOnLabels(grant({}, { conditions: [ofTeam] }))).toBe(true)
  expect([...listConditionTags(grant({ conditions: [ofTeam] }, {}))]).toEqual(['team'])
})

test('a tag key is case-sensitive: another tag cannot pass for it', () => {
  const filter = compileObjectFilter(grant({ conditions: [ofTeam] }), request)
  const name = 'instance/i-1'
  expect(matchObjectFilter(filter, { name, tags: { team: 'a', Team: 'b' }, resourceGroup: '' })).toBe(true)
  expect(matchObjectFilter(filter, { name, tags: { team: 'b', Team: 'a' }, resourceGroup: '' })).toBe(false)
})

test('several objects have in common what all of them have', () => {
  const one = { tags: { team: 'a', env: 'prod' }, resourceGroup: 'g' }
  expect(findCommonLabels([one, { tags: { team: 'a', env: 'test' }, resourceGroup: 'g' }])).toEqual({
    tags: { team: 'a' },
    resourceGroup: 'g',
  })
  expect(findCommonLabels([one, { ...one, resourceGroup: '' }])).toEqual({ tags: one.tags, resourceGroup: undefined })
  expect(findCommonLabels([])).toEqual({ tags: {}, resourceGroup: undefined })
})
