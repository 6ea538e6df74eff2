import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluatePolicies, type GrantedPolicy } from './evaluate-policies.ts'
import { parsePolicy } from './parse-policy.ts'
import type { PolicyStatement } from './policy-document.ts'

const question = { action: 'oos:GetTemplate', resource: 'acs:oos:default:acme:template/web-a', facts: {} }

const allowing: PolicyStatement = {
  effect: 'Allow',
  actions: ['oos:Get*'],
  except: false,
  resources: ['*'],
  conditions: [],
}
const denying: PolicyStatement = { ...allowing, effect: 'Deny' }

/** Some match the request, most do not. */
const statement: fc.Arbitrary<PolicyStatement> = fc.record({
  effect: fc.constantFrom('Allow', 'Deny'),
  actions: fc.subarray(['oos:GetTemplate', 'oos:Get*', 'oss:*', 'ecs:RunCommand'], { minLength: 1 }),
  except: fc.boolean(),
  resources: fc.subarray(['*', 'acs:oos:*:*:template/web-*', 'acs:oos:*:*:template/db-*', 'acs:ecs:*:*:*'], {
    minLength: 1,
  }),
  conditions: fc.subarray([
    { operator: 'Bool', key: 'acs:SecureTransport', values: ['true'] } as const,
    { operator: 'NotIpAddress', key: 'acs:SourceIp', values: ['10.0.0.0/8'] } as const,
  ]),
})
const allow = statement.map((one): PolicyStatement => ({ ...one, effect: 'Allow' }))

const grant = (lists: readonly (readonly PolicyStatement[])[]): GrantedPolicy[] =>
  lists.map((statements, index) => ({ name: `policy-${index + 1}`, document: { version: '1', statements } }))
const policiesOf = (one: fc.Arbitrary<PolicyStatement>) => fc.array(fc.array(one, { maxLength: 4 }), { maxLength: 4 })

/** The decision, without the statement that is named for it. */
function decide(policies: readonly GrantedPolicy[], asked = question) {
  const decision = evaluatePolicies(policies, asked)
  return decision.allowed ? 'Allow' : decision.denial
}

describe('whatever other statements exist', () => {
  test('one denying statement wins, wherever it is', () => {
    fc.assert(
      fc.property(policiesOf(statement), fc.nat(), fc.nat(), (lists, policy, place) => {
        const into = lists.length > 0 ? lists : [[]]
        const planted = into.map((list, index) =>
          index === policy % into.length ? list.toSpliced(place % (list.length + 1), 0, denying) : list,
        )
        expect(decide(grant(planted))).toBe('ExplicitDeny')
      }),
    )
  })

  test('without a denying statement one that allows is enough', () => {
    fc.assert(
      fc.property(policiesOf(allow), (lists) => {
        expect(decide(grant([...lists, [allowing]]))).toBe('Allow')
        expect(decide(grant([[allowing], ...lists]))).toBe('Allow')
      }),
    )
  })

  test('a request that no statement matches is denied', () => {
    const others = { ...question, action: 'ram:CreateUser', resource: 'acs:ram:*:acme:user/eve' }
    fc.assert(
      fc.property(policiesOf(statement.map((one) => ({ ...one, except: false }))), (lists) => {
        expect(decide(grant(lists), others)).toBe('ImplicitDeny')
      }),
    )
    expect(decide([])).toBe('ImplicitDeny')
  })

  test('the order of policies and of statements, and how statements are grouped in policies, does not matter', () => {
    const shuffled = policiesOf(statement).chain((lists) => {
      const all = lists.flat()
      return fc.tuple(
        fc.constant(lists),
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        fc.nat(all.length),
      )
    })
    fc.assert(
      fc.property(shuffled, (sample) => {
        const [lists, all, cut] = sample
        const expected = decide(grant(lists))
        expect(decide(grant(lists.toReversed()))).toBe(expected)
        expect(decide(grant([all]))).toBe(expected)
        expect(decide(grant([all.slice(0, cut), [], all.slice(cut)]))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('more allowing statements never remove access, more denying ones never grant it', () => {
    fc.assert(
      fc.property(policiesOf(statement), allow, (lists, extra) => {
        const before = decide(grant(lists))
        if (before === 'Allow') expect(decide(grant([...lists, [extra]]))).toBe('Allow')
        if (before !== 'Allow') expect(decide(grant([...lists, [{ ...extra, effect: 'Deny' }]]))).not.toBe('Allow')
      }),
    )
  })
})

test('the deciding statement is named: the first that denies, else the first that allows', () => {
  const other: PolicyStatement = { ...allowing, actions: ['ecs:*'] }
  expect(evaluatePolicies(grant([[other], [other, allowing], [allowing]]), question)).toEqual({
    allowed: true,
    by: { policy: 'policy-2', statement: 2 },
  })
  expect(evaluatePolicies(grant([[allowing], [allowing, other, denying]]), question)).toEqual({
    allowed: false,
    denial: 'ExplicitDeny',
    by: { policy: 'policy-2', statement: 3 },
  })
})

/** Decides with a document of one allowing statement. */
function decideBy(fields: object, asked: Partial<typeof question>) {
  const parsed = parsePolicy({ Version: '1', Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...fields } })
  if ('problems' in parsed) throw new Error(parsed.problems.join())
  return decide([{ name: 'of-the-test', document: parsed.document }], { ...question, ...asked })
}

test.each([
  ['oos:GetTemplate', 'oos:GetTemplate', 'Allow'],
  ['oos:gettemplate', 'oos:GetTemplate', 'Allow'],
  ['oos:GETTEMPLATE', 'oos:getTemplate', 'Allow'],
  ['oos:get*', 'oos:GetTemplate', 'Allow'],
  ['oos:Get*', 'oos:ListTemplates', 'ImplicitDeny'],
  ['oos:*', 'oss:GetObject', 'ImplicitDeny'],
  ['*:Get*', 'oss:GetObject', 'Allow'],
  ['o?s:Get*', 'oss:GetObject', 'Allow'],
  ['*', 'ram:CreateUser', 'Allow'],
])('action %s and %s: %s', (pattern, action, expected) => {
  expect(decideBy({ Action: pattern }, { action })).toBe(expected)
  // Every other one.
  expect(decideBy({ Action: undefined, NotAction: pattern }, { action })).toBe(
    expected === 'Allow' ? 'ImplicitDeny' : 'Allow',
  )
})

test('NotAction with several actions matches every other action', () => {
  const not = { Action: undefined, NotAction: ['ram:*', 'chandler:*'] }
  const answers = ['ram:CreateUser', 'chandler:ListAuditLog', 'oos:GetTemplate'].map((action) =>
    decideBy(not, { action }),
  )
  expect(answers).toEqual(['ImplicitDeny', 'ImplicitDeny', 'Allow'])
})

const webA = question.resource
test.each([
  ['*', webA, true],
  ['**', webA, true],
  ['acs:oos:*:*:template/web-a', webA, true],
  ['acs:oos:default:acme:template/web-a', webA, true],
  ['acs:*:*:*:*', webA, true],
  ['acs:oos:::template/web-a', webA, true],
  ['acs:oos::acme:template/*', webA, true],
  ['acs:oos:default::template/web-?', webA, true],
  ['acs:oos:::template/db-*', webA, false],
  ['acs:oos:other:*:template/web-a', webA, false],
  ['acs:oos:*:other:template/web-a', webA, false],
  ['acs:oos::other:template/web-a', webA, false],
  ['acs:ecs:*:*:template/web-a', webA, false],
  // Resources are case-sensitive.
  ['acs:oos:*:*:template/WEB-a', webA, false],
  ['acs:oos:*:*:template/web', webA, false],
  // A list request covers all resources of its kind: permission for some of them is not enough.
  ['acs:oos:*:*:template/*', 'acs:oos:default:acme:template/*', true],
  ['acs:oos:*:*:template/web-*', 'acs:oos:default:acme:template/*', false],
  // A name may contain colons; a pattern before it must not consume one.
  ['acs:oss:*:*:releases/*', 'acs:oss:*:acme:releases/a:b', true],
  ['acs:oss:*:*:releases/*', 'acs:oss:*:acme:other/a:releases/b', false],
  ['acs:oss:*:*:releases', 'acs:oss:*:acme:other/a:b:releases', false],
  ['acs:oss:::releases/*', 'acs:oss:*:acme:other/a:releases/b', false],
])('resource %s and %s: %s', (pattern, resource, expected) => {
  expect(decideBy({ Resource: pattern }, { resource })).toBe(expected ? 'Allow' : 'ImplicitDeny')
  expect(decideBy({ Resource: ['acs:ram:*:*:user/x', pattern] }, { resource })).toBe(
    expected ? 'Allow' : 'ImplicitDeny',
  )
})

test('all conditions have to hold, and one of the values of each', () => {
  const Condition = {
    IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '192.0.2.1'] },
    Bool: { 'acs:SecureTransport': true },
  }
  const from = (address: string, secure: boolean) =>
    decideBy({ Condition }, { facts: { 'acs:SourceIp': address, 'acs:SecureTransport': String(secure) } })
  expect([from('10.1.1.1', true), from('192.0.2.1', true)]).toEqual(['Allow', 'Allow'])
  expect([from('10.1.1.1', false), from('192.0.2.2', true)]).toEqual(['ImplicitDeny', 'ImplicitDeny'])
  expect(decideBy({ Condition }, {})).toBe('ImplicitDeny')
})
