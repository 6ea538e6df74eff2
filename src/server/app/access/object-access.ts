import {
  compileObjectFilter,
  dependsOnLabels,
  type LabelledKind,
  listConditionTags,
  type ObjectFilter,
} from '../../../core/access/object-filter.ts'
import { labelFacts, type ObjectLabels } from '../../../core/access/object-labels.ts'
import { ChandlerError } from '../../../core/error/errors.ts'
import { getObjectLabels } from '../../../store/access/object-labels.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor, AppContext } from '../context.ts'
import { accessDenied, authorise, findRequestFacts, resourceFor } from './authorise.ts'
import { showAccount } from './show-account.ts'

type Deciding = Pick<AppContext, 'clock' | 'region' | 'accountName'>

/**
 * The instances or executions on which the actor may perform an action, for the query of a list. Of
 * other kinds, whether there can be one: the answer is `none` or another filter.
 */
export function findPermitted(context: Deciding, actor: Actor, action: string, kind: string): ObjectFilter {
  if (actor.policies === 'everything') return 'all'
  return compileObjectFilter(actor.policies, {
    action,
    kind,
    region: context.region,
    accountId: showAccount(context, actor.accountId),
    facts: findRequestFacts(context, actor),
  })
}

/**
 * The same, for an action that is refused if there can be no such object.
 * @throws AccessDenied
 */
export function requirePermitted(context: Deciding, actor: Actor, action: string, kind: string): ObjectFilter {
  const filter = findPermitted(context, actor, action, kind)
  if (filter !== 'none') return filter
  const resource = resourceFor(context, actor, action, `${kind}/*`)
  // Names the denying statement, if there is one.
  authorise(context, actor, { action, resource })
  throw accessDenied(`user ${actor.name}`, { action, resource }, { allowed: false, denial: 'ImplicitDeny' })
}

/** An action on one instance or execution. */
export interface ObjectPermission {
  readonly action: string
  readonly kind: LabelledKind
  readonly id: string
}

/**
 * Loads the labels of the object only if a policy of the actor depends on labels. An object that
 * does not exist has none.
 * @throws AccessDenied
 */
export async function authoriseObject(
  context: Deciding & { readonly database: Connection },
  actor: Actor,
  { action, kind, id }: ObjectPermission,
): Promise<void> {
  const isNeeded = actor.policies !== 'everything' && dependsOnLabels(actor.policies)
  const labels = isNeeded ? await getObjectLabels(context.database, actor.accountId, kind, id) : undefined
  authoriseLabels(context, actor, { action, kind, id }, labels ?? { tags: {}, resourceGroup: '' })
}

/** The same for labels that the object has, or would get. @throws AccessDenied */
export function authoriseLabels(
  context: Deciding,
  actor: Actor,
  { action, kind, id }: ObjectPermission,
  labels: ObjectLabels,
): void {
  const resource = resourceFor(context, actor, action, `${kind}/${id}`)
  authorise(context, actor, { action, resource, conditions: labelFacts(labels) })
}

/** Those of some tag keys that the actor's permissions depend on. */
export function listDecisiveTags(actor: Actor, keys: readonly string[]): readonly string[] {
  if (actor.policies === 'everything') return []
  const decisive = listConditionTags(actor.policies)
  return keys.filter((key) => decisive.has(key))
}

/**
 * A relative resource name of any kind. @param isNamed whether it names one object; otherwise it is
 * a list such as `instance/*`, which contains the permitted objects
 * @throws AccessDenied
 */
export async function authoriseResource(
  context: Deciding & { readonly database: Connection },
  actor: Actor,
  action: string,
  relative: string,
  isNamed: boolean,
): Promise<void> {
  const [, kind, id] = /^(instance|execution)\/(.*)$/su.exec(relative) ?? []
  if (kind === undefined || id === undefined)
    return authorise(context, actor, { action, resource: resourceFor(context, actor, action, relative) })
  if (isNamed) return authoriseObject(context, actor, { action, kind: kind as LabelledKind, id })
  requirePermitted(context, actor, action, kind as LabelledKind)
}

/**
 * Whether the actor may do each of these: the decisions of the routes. `template/*` asks whether
 * there can be a template that they may do it on.
 */
export async function checkPermissions<Check extends { readonly action: string; readonly resource: string }>(
  context: Deciding & { readonly database: Connection },
  actor: Actor,
  checks: readonly Check[],
): Promise<(Check & { readonly allowed: boolean; readonly reason?: string })[]> {
  const results: (Check & { readonly allowed: boolean; readonly reason?: string })[] = []
  for (const check of checks)
    try {
      const [, anyOf] = /^([a-z-]+)\/\*$/u.exec(check.resource) ?? []
      if (anyOf === undefined) await authoriseResource(context, actor, check.action, check.resource, true)
      else requirePermitted(context, actor, check.action, anyOf)
      results.push({ ...check, allowed: true })
    } catch (error) {
      if (!(error instanceof ChandlerError) || error.code !== 'AccessDenied') throw error
      results.push({ ...check, allowed: false, reason: error.message })
    }
  return results
}
