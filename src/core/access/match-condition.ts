import { isInIpRange, parseIpRange } from './ip-range.ts'
import { matchWildcard } from './match-wildcard.ts'
import { readLabelKey, tagConditionPrefix } from './object-labels.ts'
import { parseInstant } from './parse-instant.ts'
import type { ConditionOperator, PolicyCondition } from './policy-document.ts'

/** The facts of a request, by condition key. */
export type ConditionFacts = Readonly<Record<string, string>>

/**
 * Whether a condition holds. A missing fact matches no value: `IpAddress` does not hold then, and
 * `NotIpAddress` does. Keys are case-insensitive, except for the key of a tag.
 */
export function matchCondition({ operator, key, values }: PolicyCondition, facts: ConditionFacts): boolean {
  const wanted = normaliseKey(key)
  const name = Object.keys(facts).find((one) => normaliseKey(one) === wanted)
  const fact = name === undefined ? undefined : facts[name]
  const { fits, negated } = tests[operator]
  return (fact !== undefined && values.some((value) => fits(fact, value))) !== negated
}

function normaliseKey(key: string): string {
  const label = readLabelKey(key)
  return typeof label === 'object' ? `${tagConditionPrefix.toLowerCase()}${label.tag}` : key.toLowerCase()
}

/** Why a value is invalid for an operator, to follow "value …"; undefined if it is valid. */
export function validateConditionValue(operator: ConditionOperator, value: string): string | undefined {
  if (operator.startsWith('Numeric')) return parseNumber(value) === undefined ? 'is not a number' : undefined
  if (operator.startsWith('Date'))
    return parseInstant(value) === undefined ? 'is not an instant such as 2026-01-31T08:00:00Z' : undefined
  if (operator === 'Bool') return parseBoolean(value) === undefined ? 'is neither true nor false' : undefined
  if (operator.endsWith('IpAddress'))
    return parseIpRange(value) === undefined ? 'is no address and no range such as 10.0.0.0/8' : undefined
  return undefined
}

/** Lower case of ASCII letters; other letters are unchanged. */
const foldAscii = (word: string): string => word.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

interface OperatorTest {
  readonly fits: (fact: string, value: string) => boolean
  readonly negated: boolean
}

const on =
  <Value>(parse: (text: string) => Value | undefined, compare: (fact: Value, value: Value) => boolean) =>
  (fact: string, value: string) => {
    const [left, right] = [parse(fact), parse(value)]
    return left !== undefined && right !== undefined && compare(left, right)
  }

const parseNumber = (text: string) => (/^-?\d{1,15}(?:\.\d{1,15})?$/u.test(text) ? Number(text) : undefined)
const parseBoolean = (text: string) => (/^(?:true|false)$/iu.test(text) ? text.toLowerCase() === 'true' : undefined)

const numeric = (compare: (fact: number, value: number) => boolean) => on(parseNumber, compare)
const date = (compare: (fact: number, value: number) => boolean) => on(parseInstant, compare)
const text = (compare: (fact: string, value: string) => boolean) => compare
const isIn = (fact: string, value: string) => {
  const range = parseIpRange(value)
  return range !== undefined && isInIpRange(fact, range)
}
const holds = (fits: OperatorTest['fits']): OperatorTest => ({ fits, negated: false })
const fails = (fits: OperatorTest['fits']): OperatorTest => ({ fits, negated: true })

const equals = text((fact, value) => fact === value)
// Only ASCII letters: a condition must have the same result in a query of the database.
const equalsIgnoreCase = text((fact, value) => foldAscii(fact) === foldAscii(value))
const like = text((fact, value) => matchWildcard(value, fact))
const same = (fact: number, value: number) => fact === value

const tests: Readonly<Record<ConditionOperator, OperatorTest>> = {
  StringEquals: holds(equals),
  StringNotEquals: fails(equals),
  StringEqualsIgnoreCase: holds(equalsIgnoreCase),
  StringNotEqualsIgnoreCase: fails(equalsIgnoreCase),
  StringLike: holds(like),
  StringNotLike: fails(like),
  NumericEquals: holds(numeric(same)),
  NumericNotEquals: fails(numeric(same)),
  NumericLessThan: holds(numeric((fact, value) => fact < value)),
  NumericLessThanEquals: holds(numeric((fact, value) => fact <= value)),
  NumericGreaterThan: holds(numeric((fact, value) => fact > value)),
  NumericGreaterThanEquals: holds(numeric((fact, value) => fact >= value)),
  DateEquals: holds(date(same)),
  DateNotEquals: fails(date(same)),
  DateLessThan: holds(date((fact, value) => fact < value)),
  DateLessThanEquals: holds(date((fact, value) => fact <= value)),
  DateGreaterThan: holds(date((fact, value) => fact > value)),
  DateGreaterThanEquals: holds(date((fact, value) => fact >= value)),
  Bool: holds(on(parseBoolean, (fact, value) => fact === value)),
  IpAddress: holds(isIn),
  NotIpAddress: fails(isIn),
}
