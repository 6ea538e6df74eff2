import { describe, expect, test } from 'vitest'
import { matchCondition, validateConditionValue } from './match-condition.ts'
import { type ConditionOperator, conditionOperators } from './policy-document.ts'

const key = 'acs:SourceIp'
const match = (operator: ConditionOperator, values: readonly string[], fact: string | undefined) =>
  matchCondition({ operator, key, values }, fact === undefined ? {} : { [key]: fact })

/**
 * For each operator: values, facts for which the condition holds, and facts for which it does not.
 * Every operator has a row.
 */
const table: Readonly<
  Record<ConditionOperator, readonly [values: readonly string[], holds: readonly string[], fails: readonly string[]]>
> = {
  StringEquals: [
    ['a', 'Bc'],
    ['a', 'Bc'],
    ['A', 'bc', 'a ', '', '*'],
  ],
  StringNotEquals: [
    ['a', 'Bc'],
    ['A', 'bc', ''],
    ['a', 'Bc'],
  ],
  StringEqualsIgnoreCase: [
    ['a', 'Bc'],
    ['A', 'bC'],
    ['ab', ''],
  ],
  StringNotEqualsIgnoreCase: [
    ['a', 'Bc'],
    ['ab', ''],
    ['A', 'bC'],
  ],
  StringLike: [
    ['web-*', 'db-?'],
    ['web-', 'web-10', 'db-1'],
    ['db-10', 'WEB-1', 'a web-1'],
  ],
  StringNotLike: [
    ['web-*', 'db-?'],
    ['db-10', 'WEB-1'],
    ['web-', 'web-10', 'db-1'],
  ],
  NumericEquals: [
    ['5', '-0.5'],
    ['5', '5.0', '-0.50'],
    ['4', '0.5', 'five', ''],
  ],
  NumericNotEquals: [
    ['5', '-0.5'],
    ['4', 'five', ''],
    ['5', '5.0', '-0.5'],
  ],
  NumericLessThan: [['5'], ['4.9', '-10'], ['5', '10', 'four']],
  NumericLessThanEquals: [['5'], ['4.9', '5'], ['5.1', 'four']],
  NumericGreaterThan: [['5'], ['5.1', '10'], ['5', '4', 'six']],
  NumericGreaterThanEquals: [['5'], ['5', '10'], ['4.9', 'six']],
  DateEquals: [['2026-01-31T08:00:00+08:00'], ['2026-01-31', '2026-01-31T00:00:00.000Z'], ['2026-01-30', 'today']],
  DateNotEquals: [['2026-01-31'], ['2026-01-30', 'today'], ['2026-01-31T00:00:00Z']],
  DateLessThan: [['2026-01-31'], ['2026-01-30T23:59:59.999Z'], ['2026-01-31T00:00:00Z', '2026-02-01', 'today']],
  DateLessThanEquals: [['2026-01-31'], ['2026-01-30', '2026-01-31T00:00:00Z'], ['2026-01-31T00:00:00.001Z', 'today']],
  DateGreaterThan: [['2026-01-31'], ['2026-01-31T00:00:00.001Z'], ['2026-01-31T00:00:00Z', '2026-01-30', 'today']],
  DateGreaterThanEquals: [['2026-01-31'], ['2026-01-31T00:00:00Z'], ['2026-01-30T23:59:59.999Z', 'today']],
  Bool: [['True'], ['true', 'TRUE'], ['false', '1', '']],
  IpAddress: [
    ['10.0.0.0/8', '2001:db8::1'],
    ['10.9.9.9', '2001:db8:0::1'],
    ['11.0.0.1', '2001:db8::2', 'here'],
  ],
  NotIpAddress: [
    ['10.0.0.0/8', '2001:db8::1'],
    ['11.0.0.1', 'here'],
    ['10.9.9.9', '::ffff:10.0.0.1', '2001:db8::1'],
  ],
}

describe.each(conditionOperators)('%s', (operator) => {
  const [values, holds, fails] = table[operator]

  test.each(holds)('holds for "%s"', (fact) => {
    expect(match(operator, values, fact)).toBe(true)
  })

  test.each(fails)('does not hold for "%s"', (fact) => {
    expect(match(operator, values, fact)).toBe(false)
  })

  test('an unknown fact matches nothing, so that only a negated condition holds', () => {
    expect(match(operator, values, undefined)).toBe(/Not/.test(operator))
  })

  test('accepts its own values', () => {
    expect(values.map((value) => validateConditionValue(operator, value))).toEqual(values.map(() => undefined))
  })
})

test('keys are case-insensitive, and properties of Object.prototype are not facts', () => {
  const condition = { operator: 'StringEquals', values: ['10.0.0.1'] } as const
  expect(matchCondition({ ...condition, key: 'ACS:sourceip' }, { 'acs:SourceIp': '10.0.0.1' })).toBe(true)
  expect(matchCondition({ operator: 'StringLike', key: 'constructor', values: ['*'] }, {})).toBe(false)
})

test.each<[ConditionOperator, string, string | undefined]>([
  ['NumericEquals', 'five', 'is not a number'],
  ['NumericLessThan', '1e3', 'is not a number'],
  ['NumericLessThan', '', 'is not a number'],
  ['NumericLessThan', 'Infinity', 'is not a number'],
  ['DateLessThan', '2026-02-30', 'is not an instant such as 2026-01-31T08:00:00Z'],
  ['DateEquals', 'tomorrow', 'is not an instant such as 2026-01-31T08:00:00Z'],
  ['Bool', 'yes', 'is neither true nor false'],
  ['Bool', '1', 'is neither true nor false'],
  ['Bool', 'constructor', 'is neither true nor false'],
  ['Bool', '__proto__', 'is neither true nor false'],
  ['IpAddress', '10.0.0.0/33', 'is no address and no range such as 10.0.0.0/8'],
  ['NotIpAddress', 'example.com', 'is no address and no range such as 10.0.0.0/8'],
  ['StringLike', '10.0.0.0/33', undefined],
  ['StringNotEquals', '', undefined],
])('%s with the value "%s": %s', (operator, value, expected) => {
  expect(validateConditionValue(operator, value)).toBe(expected)
})
