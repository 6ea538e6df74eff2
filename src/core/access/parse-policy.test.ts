import { describe, expect, test } from 'vitest'
import { maxPolicyBytes } from '../limits.ts'
import { builtInPolicies } from './built-in-policies.ts'
import { labelOperators } from './object-filter.ts'
import { parsePolicy } from './parse-policy.ts'
import { conditionKeys, conditionOperators } from './policy-document.ts'

const statement = { Effect: 'Allow', Action: 'oos:GetTemplate', Resource: '*' }
const documentOf = (...statements: unknown[]) => ({ Version: '1', Statement: statements })
const without = (name: keyof typeof statement) =>
  Object.fromEntries(Object.entries(statement).filter(([one]) => one !== name))

function problemsOf(value: unknown): readonly string[] {
  const parsed = parsePolicy(value)
  return 'problems' in parsed ? parsed.problems : []
}

describe('parses', () => {
  test('a single text as a list of one, a single statement as a list of one', () => {
    const document = {
      version: '1',
      statements: [{ effect: 'Allow', actions: ['oos:GetTemplate'], except: false, resources: ['*'], conditions: [] }],
    }
    expect(parsePolicy({ Version: '1', Statement: statement })).toEqual({ document })
    expect(parsePolicy(documentOf({ ...statement, Action: ['oos:GetTemplate'], Resource: ['*'] }))).toEqual({
      document,
    })
  })

  test('every element', () => {
    const parsed = parsePolicy(
      documentOf(statement, {
        Effect: 'Deny',
        NotAction: ['ecs:*', '*:Get?', 'o*:List*', '*'],
        Resource: ['acs:oss:*:*:b/a:b', 'acs:oos:::template/x', '**'],
        Condition: {
          Bool: { 'acs:SecureTransport': true },
          NotIpAddress: { 'ACS:sourceip': ['10.0.0.0/8', '::1'] },
          DateLessThan: { 'acs:CurrentTime': '2026-01-31T08:00:00Z' },
          NumericEquals: { 'acs:CurrentTime': [5, '6'] },
        },
      }),
    )
    expect(parsed).toMatchObject({
      document: {
        statements: [
          { effect: 'Allow' },
          {
            effect: 'Deny',
            actions: ['ecs:*', '*:Get?', 'o*:List*', '*'],
            except: true,
            resources: ['acs:oss:*:*:b/a:b', 'acs:oos:::template/x', '**'],
            conditions: [
              { operator: 'Bool', key: 'acs:SecureTransport', values: ['true'] },
              { operator: 'NotIpAddress', key: 'ACS:sourceip', values: ['10.0.0.0/8', '::1'] },
              { operator: 'DateLessThan', key: 'acs:CurrentTime', values: ['2026-01-31T08:00:00Z'] },
              { operator: 'NumericEquals', key: 'acs:CurrentTime', values: ['5', '6'] },
            ],
          },
        ],
      },
    })
  })

  test("an empty condition, as RAM's editor writes it", () => {
    expect(problemsOf(documentOf({ ...statement, Condition: {} }))).toEqual([])
  })

  test.each(builtInPolicies)('$name, a built-in policy', ({ content }) => {
    expect(problemsOf(content)).toEqual([])
  })
})

const notAnObject = 'the document must be an object with Version and Statement'
const about = 'is not supported: a policy applies to the users and roles it is attached to'

/** Invalid documents with all problems that are reported for each. */
const mistakes: Readonly<Record<string, readonly [value: unknown, ...problems: string[]]>> = {
  'no document': [undefined, notAnObject],
  'null instead of one': [null, notAnObject],
  'a text instead of one': ['{}', notAnObject],
  'a list instead of one': [[], notAnObject],
  'an empty document': [{}, 'Version must be "1"', 'Statement is missing or empty'],
  'another version': [{ Version: '2', Statement: [statement] }, 'Version must be "1"'],
  'the version as a number': [{ Version: 1, Statement: [statement] }, 'Version must be "1"'],
  'no statement in the list': [documentOf(), 'Statement is missing or empty'],
  'a statement that is null': [{ Version: '1', Statement: null }, 'Statement[1] is not an object'],
  'a text among the statements': [documentOf(statement, 'Allow'), 'Statement[2] is not an object'],
  'another element': [
    { ...documentOf(statement), Id: 'x', constructor: 'y' },
    'Id is not supported; supported elements: Version, Statement',
    'constructor is not supported; supported elements: Version, Statement',
  ],
  'another element of a statement': [
    documentOf({ ...statement, effect: 'Deny' }),
    'Statement[1].effect is not supported; supported elements: Effect, Action, NotAction, Resource, Condition',
  ],
  'elements of other systems': [
    documentOf({ ...statement, NotResource: '*', Principal: '*', NotPrincipal: '*' }),
    'Statement[1].NotResource is not supported: use Resource, and exclude resources with a second statement that denies',
    `Statement[1].Principal ${about}`,
    `Statement[1].NotPrincipal ${about}`,
  ],
  'no effect': [documentOf(without('Effect')), 'Statement[1].Effect is missing; it must be Allow or Deny'],
  'another effect': [
    documentOf({ ...statement, Effect: 'allow' }),
    'Statement[1].Effect is "allow"; it must be Allow or Deny',
  ],
  'no action': [
    documentOf(without('Action')),
    'Statement[1] has neither Action nor NotAction; use exactly one of them',
  ],
  'both kinds of action': [
    documentOf({ ...statement, NotAction: 'ecs:*' }),
    'Statement[1] has both Action and NotAction; use exactly one of them',
  ],
  'an empty list of actions': [documentOf({ ...statement, Action: [] }), 'Statement[1].Action is empty'],
  'an action that is empty': [
    documentOf({ ...statement, Action: ['oos:GetTemplate', ''] }),
    'Statement[1].Action must be a string or a list of strings',
  ],
  'an action that is a number': [
    documentOf({ ...without('Action'), NotAction: 5 }),
    'Statement[1].NotAction must be a string or a list of strings',
  ],
  'invalid actions': [
    documentOf({ ...statement, Action: ['GetTemplate', 'OOS:GetTemplate', 'oos:Get Template', 'oos:', ':Get', '**'] }),
    ...['GetTemplate', 'OOS:GetTemplate', 'oos:Get Template', 'oos:', ':Get', '**'].map(
      (action) =>
        `Statement[1]: "${action}" is not an action; use service:Name, such as oos:GetTemplate; * and ? are wildcards`,
    ),
  ],
  'no resource': [documentOf(without('Resource')), 'Statement[1].Resource is missing'],
  'an empty list of resources': [documentOf({ ...statement, Resource: [] }), 'Statement[1].Resource is empty'],
  'invalid resources': [
    documentOf({ ...statement, Resource: ['template/web-*', 'arn:aws:s3:::bucket', 'acs:oos:*:*', 'acs:oos:*:*:'] }),
    ...['template/web-*', 'arn:aws:s3:::bucket', 'acs:oos:*:*', 'acs:oos:*:*:'].map(
      (resource) =>
        `Statement[1]: "${resource}" is not a resource; use acs:service:region:account:name or *; * and ? are wildcards`,
    ),
  ],
  'a condition that is a list': [
    documentOf({ ...statement, Condition: [] }),
    'Statement[1].Condition is not an object of operators',
  ],
  'an unknown operator': [
    documentOf({ ...statement, Condition: { IpAddressIfExists: { 'acs:SourceIp': '10.0.0.1' }, toString: {} } }),
    ...['IpAddressIfExists', 'toString'].map(
      (name) =>
        `Statement[1].Condition.${name} is not an operator; supported operators: ${conditionOperators.join(', ')}`,
    ),
  ],
  'an operator without keys': [
    documentOf({ ...statement, Condition: { IpAddress: {} } }),
    'Statement[1].Condition.IpAddress is empty',
  ],
  'an operator with a text instead of keys': [
    documentOf({ ...statement, Condition: { IpAddress: '10.0.0.1' } }),
    'Statement[1].Condition.IpAddress is not an object of condition keys',
  ],
  'an unknown key': [
    documentOf(statement, { ...statement, Condition: { Bool: { 'acs:MFAPresent': 'true' } } }),
    `Statement[2].Condition.Bool.acs:MFAPresent is not a supported condition key; supported keys: ${conditionKeys.join(', ')}, acs:ResourceGroup, acs:ResourceTag/KEY`,
  ],
  'an operator that labels do not support': [
    documentOf({ ...statement, Condition: { Bool: { 'acs:ResourceTag/team': 'true' } } }),
    `Statement[1].Condition.Bool.acs:ResourceTag/team does not support Bool; supported operators: ${labelOperators.join(', ')}`,
  ],
  'a key without values': [
    documentOf({ ...statement, Condition: { IpAddress: { 'acs:SourceIp': [] } } }),
    'Statement[1].Condition.IpAddress.acs:SourceIp is empty',
  ],
  'values that are neither texts nor numbers': [
    documentOf({ ...statement, Condition: { IpAddress: { 'acs:SourceIp': [null, '10.0.0.1'] } } }),
    'Statement[1].Condition.IpAddress.acs:SourceIp must be a string or a list of strings',
  ],
  'values that do not fit the operator': [
    documentOf({
      ...statement,
      Condition: {
        NotIpAddress: { 'acs:SourceIp': ['10.0.0.0/8', 'intranet'] },
        Bool: { 'acs:SecureTransport': 'yes' },
      },
    }),
    'Statement[1].Condition.NotIpAddress.acs:SourceIp: value "intranet" is no address and no range such as 10.0.0.0/8',
    'Statement[1].Condition.Bool.acs:SecureTransport: value "yes" is neither true nor false',
  ],
  'much at once': [
    documentOf({ Effect: 'Permit', Action: 'oos:*' }, statement, { ...statement, Resource: 'x', Extra: 1 }),
    'Statement[1].Effect is "Permit"; it must be Allow or Deny',
    'Statement[1].Resource is missing',
    'Statement[3].Extra is not supported; supported elements: Effect, Action, NotAction, Resource, Condition',
    'Statement[3]: "x" is not a resource; use acs:service:region:account:name or *; * and ? are wildcards',
  ],
}

describe('names every mistake with its path,', () => {
  test.each(Object.entries(mistakes))('%s', (_, [value, ...problems]) => {
    expect(problemsOf(value)).toEqual(problems)
  })
})

test('a document may be as long as the limit and no longer', () => {
  const lengthOf = (value: unknown) => JSON.stringify(value).length
  const filled = (length: number) => documentOf({ ...statement, Action: `oos:${'A'.repeat(length)}` })
  const room = maxPolicyBytes - lengthOf(filled(0))
  expect(problemsOf(filled(room))).toEqual([])
  expect(problemsOf(filled(room + 1))).toEqual([`the document is longer than ${maxPolicyBytes} characters`])
})
