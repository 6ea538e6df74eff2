import { ChandlerError } from '../../../core/error/errors.ts'
import { mapRequestedValues } from '../../../core/execution/operation/operations.ts'
import { authorise, resourceFor } from '../access/authorise.ts'
import { authoriseLabels, requirePermitted } from '../access/object-access.ts'
import { authoriseSecrets } from '../access/secret/secrets.ts'
import type { Actor, AppContext } from '../context.ts'
import { instanceActionOf, templatesOf } from '../operation/operations.ts'
import type { Plan, PlanInputRequest } from '../plan/make-plan.ts'

type Asking = Pick<AppContext, 'clock' | 'region' | 'accountName'>

/**
 * Whether the actor may start this operation at all: requires permission for its template, and that
 * there can be an instance that it may be started on, and for the secrets that its values refer to.
 * Planning decides about each instance.
 * @throws AccessDenied
 */
export function authoriseStart(
  context: Asking,
  actor: Actor,
  { operation }: Pick<PlanInputRequest, 'operation'>,
): void {
  authoriseTemplates(context, actor, 'oos:StartExecution', templatesOf(operation))
  requirePermitted(context, actor, instanceActionOf(operation), 'instance')
  mapRequestedValues(operation, (_, values) => {
    authoriseSecrets(context, actor, values)
    return values
  })
}

/** Whether the actor may start this; a refusal is not recorded. */
export function mayStart(context: Asking, actor: Actor, request: Pick<PlanInputRequest, 'operation'>): boolean {
  try {
    authoriseStart(context, actor, request)
    return true
  } catch (error) {
    if (error instanceof ChandlerError && error.code === 'AccessDenied') return false
    throw error
  }
}

/**
 * A plan reveals the template and the existing instances.
 * @throws AccessDenied
 */
export function authorisePlan(context: Asking, actor: Actor, { operation }: Pick<PlanInputRequest, 'operation'>): void {
  authoriseTemplatesOfPlan(context, actor, templatesOf(operation))
}

/**
 * The same for a stored plan.
 * @throws AccessDenied
 */
export function authoriseTemplatesOfPlan(context: Asking, actor: Actor, templates: readonly string[]): void {
  authoriseTemplates(context, actor, 'oos:GetTemplate', templates)
  requirePermitted(context, actor, 'ecs:DescribeInstances', 'instance')
}

function authoriseTemplates(context: Asking, actor: Actor, action: string, templates: readonly string[]): void {
  for (const template of templates)
    authorise(context, actor, { action, resource: resourceFor(context, actor, action, `template/${template}`) })
}

/**
 * Refuses a plan for targets that are named one by one if the actor may not start it on one of
 * them, and any plan if it may not on all of them. In a selection, they are left out.
 * @throws AccessDenied for the first such target
 */
export function refuseNotPermitted(
  context: Asking,
  actor: Actor,
  operation: PlanInputRequest['operation'],
  { targets, planned }: Pick<Plan, 'targets' | 'planned'>,
): void {
  const refused = planned.filter(({ reasonCode }) => reasonCode === 'UserNotPermitted')
  const [first] = refused
  if (!first) return
  const isNamed = targets.kind === 'ids' || targets.kind === 'names'
  if (!isNamed && refused.length < planned.length) return
  const action = instanceActionOf(operation)
  authoriseLabels(context, actor, { action, kind: 'instance', id: first.instanceId }, first.labels)
  throw new Error(`${first.instanceId} was planned as not permitted, and is permitted`)
}
