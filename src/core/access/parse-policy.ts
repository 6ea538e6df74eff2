import { maxPolicyBytes } from '../limits.ts'
import { validateConditionValue } from './match-condition.ts'
import { isLabelOperator, labelOperators } from './object-filter.ts'
import { groupConditionKey, readLabelKey, tagConditionPrefix } from './object-labels.ts'
import {
  type ConditionOperator,
  conditionKeys,
  conditionOperators,
  type PolicyCondition,
  type PolicyDocument,
  type PolicyStatement,
} from './policy-document.ts'

/** A valid policy, or all problems of the document. */
export type ParsedPolicy =
  | { readonly document: PolicyDocument }
  /** Every mistake with its path: `Statement[2].Effect is missing; it is Allow or Deny`. */
  | { readonly problems: readonly string[] }

/**
 * Parses a policy document (parsed JSON or YAML). Unknown elements, operators and condition keys
 * are mistakes: the author relies on them, and ignoring them would change the policy.
 */
export function parsePolicy(value: unknown): ParsedPolicy {
  const problems: string[] = []
  if (!isObject(value)) return { problems: ['the document must be an object with Version and Statement'] }
  if (JSON.stringify(value).length > maxPolicyBytes)
    return { problems: [`the document is longer than ${maxPolicyBytes} characters`] }
  refuseOthers(value, ['Version', 'Statement'], '', problems)
  if (value.Version !== '1') problems.push('Version must be "1"')
  const list = Array.isArray(value.Statement) ? value.Statement : [value.Statement]
  if (value.Statement === undefined || list.length === 0) problems.push('Statement is missing or empty')
  const statements = list.map((one, index) => parseStatement(one, `Statement[${index + 1}]`, problems))
  return problems.length > 0 ? { problems } : { document: { version: '1', statements } }
}

function parseStatement(value: unknown, place: string, problems: string[]): PolicyStatement {
  const nothing: PolicyStatement = { effect: 'Deny', actions: [], except: false, resources: [], conditions: [] }
  if (value === undefined) return nothing
  if (!isObject(value)) {
    problems.push(`${place} is not an object`)
    return nothing
  }
  refuseOthers(value, ['Effect', 'Action', 'NotAction', 'Resource', 'Condition'], place, problems)
  const { Effect: effect, Action: action, NotAction: notAction, Resource: resource, Condition: condition } = value
  if (effect !== 'Allow' && effect !== 'Deny')
    problems.push(`${place}.Effect is ${missingOr(effect)}; it must be Allow or Deny`)
  if ((action === undefined) === (notAction === undefined))
    problems.push(
      `${place} has ${action === undefined ? 'neither Action nor' : 'both Action and'} NotAction; use exactly one of them`,
    )
  const actions = [
    ...(action === undefined ? [] : parseTexts(action, `${place}.Action`, problems)),
    ...(notAction === undefined ? [] : parseTexts(notAction, `${place}.NotAction`, problems)),
  ]
  for (const one of actions)
    if (one !== '*' && !/^[a-z*?][a-z0-9*?-]*:[A-Za-z0-9*?]+$/u.test(one))
      problems.push(
        `${place}: "${one}" is not an action; use service:Name, such as oos:GetTemplate; * and ? are wildcards`,
      )
  const resources = parseTexts(resource, `${place}.Resource`, problems)
  for (const one of resources)
    if (!/^\*+$/u.test(one) && !/^acs:[^:]+:[^:]*:[^:]*:.+$/u.test(one))
      problems.push(
        `${place}: "${one}" is not a resource; use acs:service:region:account:name or *; * and ? are wildcards`,
      )
  return {
    effect: effect === 'Allow' ? 'Allow' : 'Deny',
    actions,
    except: notAction !== undefined,
    resources,
    conditions: condition === undefined ? [] : parseConditions(condition, `${place}.Condition`, problems),
  }
}

function parseConditions(value: unknown, place: string, problems: string[]): PolicyCondition[] {
  if (!isObject(value)) {
    problems.push(`${place} is not an object of operators`)
    return []
  }
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isOperator(operator)) {
      problems.push(`${place}.${operator} is not an operator; supported operators: ${conditionOperators.join(', ')}`)
      return []
    }
    if (!isObject(keys)) {
      problems.push(`${place}.${operator} is not an object of condition keys`)
      return []
    }
    if (Object.keys(keys).length === 0) problems.push(`${place}.${operator} is empty`)
    return Object.entries(keys).map(([key, values]) => parseCondition(operator, key, values, place, problems))
  })
}

function parseCondition(
  operator: ConditionOperator,
  key: string,
  value: unknown,
  place: string,
  problems: string[],
): PolicyCondition {
  const here = `${place}.${operator}.${key}`
  if (readLabelKey(key) !== undefined) {
    if (!isLabelOperator(operator))
      problems.push(`${here} does not support ${operator}; supported operators: ${labelOperators.join(', ')}`)
  } else if (!conditionKeys.some((known) => known.toLowerCase() === key.toLowerCase()))
    problems.push(
      `${here} is not a supported condition key; supported keys: ${[...conditionKeys, groupConditionKey, `${tagConditionPrefix}KEY`].join(', ')}`,
    )
  // RAM accepts true and 5 for "true" and "5".
  const list = (Array.isArray(value) ? value : [value]).map((one) =>
    typeof one === 'boolean' || typeof one === 'number' ? String(one) : one,
  )
  const values = parseTexts(list, here, problems)
  for (const one of values) {
    const problem = validateConditionValue(operator, one)
    if (problem !== undefined) problems.push(`${here}: value "${one}" ${problem}`)
  }
  return { operator, key, values }
}

/** One text or a list of texts, none of them empty. */
function parseTexts(value: unknown, place: string, problems: string[]): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = list.filter((one): one is string => typeof one === 'string' && one !== '')
  if (value === undefined) problems.push(`${place} is missing`)
  else if (list.length === 0) problems.push(`${place} is empty`)
  else if (texts.length < list.length) problems.push(`${place} must be a string or a list of strings`)
  return texts
}

/**
 * NotResource and Principal belong to other systems, or to policies that are attached to resources,
 * which do not exist here.
 */
const elsewhere = new Map([
  ['NotResource', 'is not supported: use Resource, and exclude resources with a second statement that denies'],
  ['Principal', 'is not supported: a policy applies to the users and roles it is attached to'],
  ['NotPrincipal', 'is not supported: a policy applies to the users and roles it is attached to'],
])

function refuseOthers(value: object, known: readonly string[], place: string, problems: string[]): void {
  for (const name of Object.keys(value).filter((one) => !known.includes(one)))
    problems.push(
      `${place === '' ? '' : `${place}.`}${name} ${elsewhere.get(name) ?? `is not supported; supported elements: ${known.join(', ')}`}`,
    )
}

const missingOr = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value))
const isOperator = (text: string): text is ConditionOperator => (conditionOperators as readonly string[]).includes(text)
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
