import { ChandlerError } from '../../../core/error/errors.ts'
import { authorise, resourceFor } from '../access/authorise.ts'
import type { Actor, AppContext } from '../context.ts'
import { runsCommands, templatesOf } from '../operation/operations.ts'
import type { PlanInputRequest } from '../plan/make-plan.ts'

type Asking = Pick<AppContext, 'clock' | 'region'>

/**
 * Whether the actor may start this operation: requires permission for its template, and for
 * operations without an extension the permission to run commands on instances.
 * @throws AccessDenied
 */
export function authoriseStart(
  context: Asking,
  actor: Actor,
  { operation }: Pick<PlanInputRequest, 'operation'>,
): void {
  authoriseTemplates(context, actor, 'oos:StartExecution', templatesOf(operation))
  if (runsCommands(operation)) authoriseInstances(context, actor, 'ecs:RunCommand')
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
  authoriseInstances(context, actor, 'ecs:DescribeInstances')
}

function authoriseTemplates(context: Asking, actor: Actor, action: string, templates: readonly string[]): void {
  for (const template of templates)
    authorise(context, actor, { action, resource: resourceFor(context, actor, action, `template/${template}`) })
}

const authoriseInstances = (context: Asking, actor: Actor, action: string) =>
  authorise(context, actor, { action, resource: resourceFor(context, actor, action, 'instance/*') })
