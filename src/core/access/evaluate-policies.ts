import { type ConditionFacts, matchCondition } from './match-condition.ts'
import { matchWildcard } from './match-wildcard.ts'
import type { PolicyDocument, PolicyStatement } from './policy-document.ts'

/** A policy that a user or a role has. */
export interface GrantedPolicy {
  readonly name: string
  readonly document: PolicyDocument
}

/** A request for one action on one resource, with the facts for conditions. */
export interface AccessRequest {
  /** Such as `oos:GetTemplate`. */
  readonly action: string
  /** Such as `acs:oos:default:default:template/demo`; never a pattern. */
  readonly resource: string
  readonly facts: ConditionFacts
}

/** The deciding statement: the policy's name, and the statement's position in it, from 1. */
interface DecidedBy {
  readonly policy: string
  readonly statement: number
}

/** The decision with the statement that decided; an implicit denial has none. */
export type AccessDecision =
  | { readonly allowed: true; readonly by: DecidedBy }
  | { readonly allowed: false; readonly denial: 'ExplicitDeny'; readonly by: DecidedBy }
  | { readonly allowed: false; readonly denial: 'ImplicitDeny' }

/**
 * A denying statement wins over all that allow; a request that no statement allows is denied. The
 * order of policies and statements does not matter. Source:
 * https://www.alibabacloud.com/help/en/ram/policy-evaluation-process
 */
export function evaluatePolicies(policies: readonly GrantedPolicy[], request: AccessRequest): AccessDecision {
  let allowedBy: DecidedBy | undefined
  for (const { name, document } of policies) {
    for (const [index, statement] of document.statements.entries()) {
      if (!concerns(statement, request)) continue
      const by = { policy: name, statement: index + 1 }
      if (statement.effect === 'Deny') return { allowed: false, denial: 'ExplicitDeny', by }
      allowedBy ??= by
    }
  }
  return allowedBy ? { allowed: true, by: allowedBy } : { allowed: false, denial: 'ImplicitDeny' }
}

function concerns(statement: PolicyStatement, { action, resource, facts }: AccessRequest): boolean {
  const named = statement.actions.some((pattern) => matchWildcard(pattern.toLowerCase(), action.toLowerCase()))
  return (
    named !== statement.except &&
    statement.resources.some((pattern) => matchResource(pattern, resource)) &&
    statement.conditions.every((condition) => matchCondition(condition, facts))
  )
}

/**
 * Matches part by part, so that `*` does not extend over a colon: otherwise a pattern of one bucket
 * would match an object of another whose key contains colons. An empty region or account in a
 * policy matches any: `acs:oos:::template/demo`.
 */
function matchResource(pattern: string, resource: string): boolean {
  if (/^\*+$/u.test(pattern)) return true
  const parts = splitResource(resource)
  return splitResource(pattern).every((part, index) => matchWildcard(part || '*', parts[index] as string))
}

/** `acs`, service, region, account, and the name with all its colons. */
function splitResource(name: string): readonly string[] {
  const [acs = '', service = '', region = '', account = '', ...rest] = name.split(':')
  return [acs, service, region, account, rest.join(':')]
}
