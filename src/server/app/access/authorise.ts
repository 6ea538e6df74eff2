import { type AccessDecision, evaluatePolicies } from '../../../core/access/evaluate-policies.ts'
import { resourceNameOf } from '../../../core/access/resource-name.ts'
import { type ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import type { Actor, AppContext } from '../context.ts'
import { showAccount } from './show-account.ts'

/** A permission that a request requires. */
export interface Permission {
  /** Such as `oos:CreateTemplate`. */
  readonly action: string
  /** Such as `acs:oos:default:default:template/demo`; see `resourceFor`. */
  readonly resource: string
  /** Facts for conditions besides time, address and TLS: the labels of the object. */
  readonly conditions?: Readonly<Record<string, string>> | undefined
}

/**
 * Returns if the actor's policies allow the request. Needs no query: the actor contains them.
 * @throws AccessDenied with details for programs: action, resource, principal, and
 * `noPermissionType` ImplicitDeny or ExplicitDeny
 */
export function authorise(
  { clock }: Pick<AppContext, 'clock'>,
  actor: Actor,
  { action, resource, conditions }: Permission,
): void {
  const decision = decide({ clock }, actor, { action, resource, conditions })
  if (decision === undefined || decision.allowed) return
  throw accessDenied(`user ${actor.name}`, { action, resource }, decision)
}

/** The error of a refusal. @param principal such as `user ci`, `role web` */
export function accessDenied(
  principal: string,
  { action, resource }: Pick<Permission, 'action' | 'resource'>,
  decision: AccessDecision & { allowed: false },
): ChandlerError {
  return chandlerError(
    'AccessDenied',
    { principal, action, resource, reason: explain(decision) },
    { action, resource, principal, noPermissionType: decision.denial },
  )
}

/** Whether the actor lacks permission for an action on all resources of the account. */
export function missesPermission(
  context: Pick<AppContext, 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  action: string,
): boolean {
  const decision = decide(context, actor, { action, resource: resourceFor(context, actor, action, '*') })
  return decision !== undefined && !decision.allowed
}

/** Undefined: the actor has full access. */
function decide(
  { clock }: Pick<AppContext, 'clock'>,
  actor: Actor,
  { action, resource, conditions }: Permission,
): AccessDecision | undefined {
  if (actor.policies === 'everything') return undefined
  return evaluatePolicies(actor.policies, {
    action,
    resource,
    facts: { ...conditions, ...findRequestFacts({ clock }, actor) },
  })
}

/** The facts of every request for conditions: time, address and TLS. */
export const findRequestFacts = (
  { clock }: Pick<AppContext, 'clock'>,
  actor: Pick<Actor, 'source' | 'isSecure'>,
): Readonly<Record<string, string>> => ({
  'acs:CurrentTime': new Date(clock.now()).toISOString(),
  'acs:SourceIp': actor.source,
  'acs:SecureTransport': String(actor.isSecure ?? false),
})

/** The full resource name in this account; `relative` such as `template/demo`. */
export const resourceFor = (
  context: Pick<AppContext, 'region' | 'accountName'>,
  { accountId }: Pick<Actor, 'accountId'>,
  action: string,
  relative: string,
): string => resourceNameOf(action, { region: context.region, accountId: showAccount(context, accountId) }, relative)

const explain = (decision: AccessDecision & { allowed: false }) =>
  decision.denial === 'ExplicitDeny'
    ? `statement ${decision.by.statement} of policy ${decision.by.policy} denies it`
    : 'none of its policies allows it'
