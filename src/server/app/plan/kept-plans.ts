import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { operationIdentityOf } from '../../../core/execution/operation/operations.ts'
import { makePlanId } from '../../../core/id.ts'
import { maxPlansPerUser, planKeptMs, planPageSize } from '../../../core/limits.ts'
import { isWork } from '../../../core/plan/plan.ts'
import {
  comparePlans,
  describeDifference,
  renderDecision,
  type ShownTarget,
} from '../../../core/plan/plan-difference.ts'
import { readTarget, type StoredTarget, storeTarget } from '../../../core/plan/stored-plan.ts'
import { renderEnglishReason } from '../../../core/reason/english-reasons.ts'
import { canonicalJson } from '../../../lib/canonical-json.ts'
import { getPlan, getPlanPage, insertPlan, listPlanPages } from '../../../store/plan/plans.ts'
import type { Actor, AppContext, SecretDigests } from '../context.ts'
import { authorisePlan, authoriseTemplatesOfPlan, mayStart } from '../execution/authorise-operation.ts'
import { templatesOf } from '../operation/operations.ts'
import { makePlan, type Plan, type PlanInputRequest } from './make-plan.ts'
import type { PlanContext } from './parameter-sets.ts'

/** A stored plan with its first page. */
export interface KeptPlan {
  readonly plan: Plan
  readonly id: string
  readonly digest: string
  readonly page: PlanPage
}

/** A page of a stored plan. */
export interface PlanPage {
  readonly targets: readonly ShownTarget[]
  /** The number of the next page. */
  readonly next: number | undefined
}

/**
 * Plans, and stores the plan for a while: its pages are consistent, whatever changes meanwhile.
 * @throws AccessDenied, and errors of planning
 */
export async function planExecution(context: AppContext, actor: Actor, request: PlanInputRequest): Promise<KeptPlan> {
  authorisePlan(context, actor, request)
  const hidesSecretChanges = !mayStart(context, actor, request)
  const plan = await makePlan({ ...context, hidesSecretChanges }, actor, request)
  const digest = digestPlan(context.digests, plan)
  const id = makePlanId(context.random)
  const shown = listShown(plan)
  const pages = Array.from({ length: Math.ceil(shown.length / planPageSize) }, (_, page) =>
    shown.slice(page * planPageSize, (page + 1) * planPageSize),
  )
  const texts: string[] = []
  for (const page of pages) {
    texts.push(JSON.stringify(page.map(storeTarget)))
    // A large fleet has many pages: other requests run between two.
    await nextTurn()
  }
  const templates = templatesOf(request.operation)
  const row = { id, accountId: actor.accountId, createdBy: actor.name, digest, templates }
  const kept = { ms: planKeptMs, perUser: maxPlansPerUser }
  await context.database.transaction().execute((transaction) => insertPlan(transaction, row, texts, kept))
  const next = pages.length > 1 ? 1 : undefined
  return { plan, id, digest, page: { targets: pages[0] ?? [], next } }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * A page of a plan of the actor.
 * @throws PlanNotFound, AccessDenied
 */
export async function readPlanPage(context: AppContext, actor: Actor, id: string, number: number): Promise<PlanPage> {
  const plan = await getPlan(context.database, actor.accountId, id)
  if (plan?.createdBy !== actor.name) throw chandlerError('PlanNotFound', { id })
  authoriseTemplatesOfPlan(context, actor, plan.templates)
  const page = await getPlanPage(context.database, id, number)
  if (!page) throw chandlerError('PlanNotFound', { id })
  return { targets: readTargets(page.targets), next: page.isLast ? undefined : number + 1 }
}

/**
 * Equal for plans that do the same on the same instances. Keyed, because it includes values; it
 * does not depend on names, reasons or rate control.
 */
function digestPlan(digests: SecretDigests, { operation, content, planned }: Plan): string {
  const targets = planned.map((target) => `${target.instanceId} ${renderDecision(target)}`).toSorted()
  return digests.of([canonicalJson(operationIdentityOf(operation, content ?? '')), ...targets].join('\n'))
}

/**
 * Refuses to start a plan that differs from the one with the digest. Users who may plan see the
 * differences, others only their number.
 * @throws PlanChanged
 */
export async function refuseOtherPlan(
  context: PlanContext,
  actor: Actor,
  { ifPlan, operation }: { readonly ifPlan: string; readonly operation: PlanInputRequest['operation'] },
  plan: Plan,
): Promise<void> {
  const digest = digestPlan(context.digests, plan)
  if (digest === ifPlan) return
  const pages = await listPlanPages(context.database, actor.accountId, ifPlan)
  if (pages.length === 0)
    throw chandlerError('PlanChanged', { plan: ifPlan, difference: 'that plan has expired' }, { digest })
  const difference = comparePlans(pages.flatMap(readTargets), listShown(plan))
  const sentence = describeDifference(difference)
  const isNamed = mayPlan(context, actor, operation)
  const shown = isNamed ? difference : countOnly(difference)
  const details = { digest, ...shown, problems: listDifferences(shown) }
  throw chandlerError('PlanChanged', { plan: ifPlan, difference: sentence }, details)
}

/** Targets by name, for display: in English, and as messages. */
const listDifferences = ({ added, removed, changed }: ReturnType<typeof comparePlans>) => [
  ...added.targets.map(({ instanceName, reason }) => ({
    path: instanceName,
    message: `added: ${renderEnglishReason(reason)}`,
    after: [...reason],
  })),
  ...removed.targets.map(({ instanceName, reason }) => ({
    path: instanceName,
    message: `no longer a target: ${renderEnglishReason(reason)}`,
    before: [...reason],
  })),
  ...changed.targets.map(({ instanceName, before, reason }) => ({
    path: instanceName,
    message: `${renderEnglishReason(before)} → ${renderEnglishReason(reason)}`,
    before: [...before],
    after: [...reason],
  })),
]

const countOnly = ({ added, removed, changed }: ReturnType<typeof comparePlans>) => ({
  added: { count: added.count, targets: [] },
  removed: { count: removed.count, targets: [] },
  changed: { count: changed.count, targets: [] },
})

function mayPlan(
  context: Pick<AppContext, 'clock' | 'region'>,
  actor: Actor,
  operation: PlanInputRequest['operation'],
): boolean {
  try {
    authorisePlan(context, actor, { operation })
    return true
  } catch (error) {
    if (error instanceof ChandlerError && error.code === 'AccessDenied') return false
    throw error
  }
}

const readTargets = (text: string) => (JSON.parse(text) as readonly StoredTarget[]).map(readTarget)

/** Targets with the batches of their work. */
function listShown({ planned, rateControl }: Plan): readonly ShownTarget[] {
  const batchOf = rateControl.batchSizes.flatMap((size, index) => Array.from({ length: size }, () => index + 1))
  let workOrdinal = 0
  return planned.map(({ missingParameter: _, parameterSet: __, labels: ___, ...target }) => {
    const batch = isWork(target) ? batchOf[workOrdinal++] : undefined
    return batch === undefined ? target : { ...target, batch }
  })
}
