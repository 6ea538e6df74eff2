import type { GrantedPolicy } from './evaluate-policies.ts'
import { type ConditionFacts, matchCondition } from './match-condition.ts'
import { matchWildcard } from './match-wildcard.ts'
import { type LabelKey, labelFacts, type ObjectLabels, readLabelKey } from './object-labels.ts'
import type { ConditionOperator, PolicyCondition, PolicyStatement } from './policy-document.ts'
import { resourceNameOf } from './resource-name.ts'

/**
 * The objects of one kind on which policies allow an action, independent of any object: the store
 * translates it to a condition of a query, so that a list contains only permitted rows.
 */
export type ObjectFilter =
  | 'all'
  | 'none'
  | {
      /** At least one of them has to match. */
      readonly allow: readonly ObjectClause[]
      /** None of them may match. */
      readonly deny: readonly ObjectClause[]
    }

/** One statement, as far as it depends on the object. */
export interface ObjectClause {
  /**
   * Patterns of the relative resource name (`instance/i-*`), one of which has to match; undefined:
   * every object matches.
   */
  readonly names: readonly string[] | undefined
  /** All of them have to hold. */
  readonly conditions: readonly LabelCondition[]
}

export interface LabelCondition extends PolicyCondition {
  readonly operator: LabelOperator
  readonly on: LabelKey
}

/** The operators that conditions on labels may have; the store has a translation of each. */
export const labelOperators = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
] as const satisfies readonly ConditionOperator[]
export type LabelOperator = (typeof labelOperators)[number]

export const isLabelOperator = (operator: ConditionOperator): operator is LabelOperator =>
  (labelOperators as readonly string[]).includes(operator)

/** The kinds of objects that have labels; `KIND/ID` is the relative resource name. */
export type LabelledKind = 'instance' | 'execution'

/** What is known before an object is. */
export interface FilterRequest {
  readonly action: string
  /** A labelled one, or any other kind, such as `template`, to know whether one is permitted. */
  readonly kind: string
  readonly region: string
  readonly accountId: string
  /** The facts of the request: time, address, TLS. */
  readonly facts: ConditionFacts
}

/**
 * Partially evaluates policies for an action on every object of a kind. For every object the
 * filter gives the decision of `evaluatePolicies`; a test compares the two.
 */
export function compileObjectFilter(policies: readonly GrantedPolicy[], request: FilterRequest): ObjectFilter {
  const allow: ObjectClause[] = []
  const deny: ObjectClause[] = []
  for (const { document } of policies)
    for (const statement of document.statements) {
      const clause = compileStatement(statement, request)
      if (clause) (statement.effect === 'Allow' ? allow : deny).push(clause)
    }
  if (allow.length === 0 || deny.some(matchesEverything)) return 'none'
  return deny.length === 0 && allow.some(matchesEverything) ? 'all' : { allow, deny }
}

/** Whether a filter permits an object; `name` is its relative resource name. */
export function matchObjectFilter(filter: ObjectFilter, object: ObjectLabels & { readonly name: string }): boolean {
  if (typeof filter === 'string') return filter === 'all'
  const facts = labelFacts(object)
  const matches = ({ names, conditions }: ObjectClause) =>
    (names?.some((pattern) => matchWildcard(pattern, object.name)) ?? true) &&
    conditions.every((condition) => matchCondition(condition, facts))
  return filter.allow.some(matches) && !filter.deny.some(matches)
}

/** Whether any statement depends on the labels of objects: only then they have to be loaded. */
export const dependsOnLabels = (policies: readonly GrantedPolicy[]): boolean =>
  policies.some(({ document }) =>
    document.statements.some(({ conditions }) => conditions.some(({ key }) => readLabelKey(key) !== undefined)),
  )

/** The tag keys that policies refer to. */
export const listConditionTags = (policies: readonly GrantedPolicy[]): ReadonlySet<string> =>
  new Set(
    policies.flatMap(({ document }) =>
      document.statements.flatMap(({ conditions }) =>
        conditions.flatMap(({ key }) => {
          const label = readLabelKey(key)
          return typeof label === 'object' ? [label.tag] : []
        }),
      ),
    ),
  )

const matchesEverything = ({ names, conditions }: ObjectClause) => names === undefined && conditions.length === 0

/** Undefined if the statement cannot apply to any object of the kind. */
function compileStatement(statement: PolicyStatement, request: FilterRequest): ObjectClause | undefined {
  const { action, kind, facts } = request
  const named = statement.actions.some((pattern) => matchWildcard(pattern.toLowerCase(), action.toLowerCase()))
  if (named === statement.except) return undefined
  const names = compileNames(statement.resources, kind, request)
  if (names?.length === 0) return undefined
  const conditions: LabelCondition[] = []
  for (const condition of statement.conditions) {
    const on = readLabelKey(condition.key)
    if (on === undefined) {
      if (!matchCondition(condition, facts)) return undefined
      continue
    }
    const { operator } = condition
    if (!isLabelOperator(operator)) throw new Error(`a validated condition on labels has the operator ${operator}`)
    conditions.push({ ...condition, operator, on })
  }
  return { names, conditions }
}

/** The patterns that can match an object of the kind; undefined if one matches every object. */
function compileNames(
  resources: readonly string[],
  kind: string,
  { action, region, accountId }: FilterRequest,
): readonly string[] | undefined {
  const own = resourceNameOf(action, { region, accountId }, '').split(':')
  const patterns: string[] = []
  for (const resource of resources) {
    if (/^\*+$/u.test(resource)) return undefined
    const [acs = '', service = '', inRegion = '', ofAccount = '', ...rest] = resource.split(':')
    const isOwn = [acs, service, inRegion, ofAccount].every((part, index) => matchWildcard(part || '*', own[index]!))
    if (!isOwn) continue
    // As in `evaluatePolicies`, an empty name matches any.
    const name = rest.join(':') || '*'
    const [literal = ''] = name.split(/[*?]/u)
    const prefix = `${kind}/`
    if (/^\*+$/u.test(name) || (name.endsWith('*') && name.replace(/\*+$/u, '') === prefix)) return undefined
    if (literal.startsWith(prefix) || prefix.startsWith(literal)) patterns.push(name)
  }
  return patterns
}
