import { findCommonLabels } from '../../../core/access/object-labels.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { extensionNamesOf, isSequence, partsOf } from '../../../core/execution/operation/operations.ts'
import type { Operation } from '../../../core/execution/operation.ts'
import type { ExecutionMode } from '../../../core/execution/rate-control.ts'
import { clipValue } from '../../../core/extension/effective-parameters.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { type ExecutionId, type ExtensionId, type InstanceId, makeExecutionId } from '../../../core/id.ts'
import { maxAuditTargets } from '../../../core/limits.ts'
import { isWork } from '../../../core/plan/plan.ts'
import { findNextPart } from '../../../core/plan/plan-parts.ts'
import { storePart } from '../../../core/plan/stored-plan.ts'
import type { Targets } from '../../../core/plan/targets.ts'
import type { ApprovalRequestTerms } from '../../../core/trust/plan-approval.ts'
import { canonicalJson } from '../../../lib/canonical-json.ts'
import type { Connection } from '../../../store/database/database.ts'
import { updateExecutionCounts } from '../../../store/execution/execution-counts.ts'
import { insertExecutionParts } from '../../../store/execution/execution-parts.ts'
import { getOpenRetry, lockRetries } from '../../../store/execution/execution-retries.ts'
import {
  type ExecutionRow,
  getExecutionByClientToken,
  insertExecution,
  lockExecution,
} from '../../../store/execution/executions.ts'
import { lockExtension } from '../../../store/extension/extensions.ts'
import { insertParameterSets, type ParameterSetRow } from '../../../store/plan/parameter-sets.ts'
import { insertTaskCounts } from '../../../store/task/task-counts.ts'
import { insertTasks, type NewTask } from '../../../store/task/task-executions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { recordGroupUse } from '../instance/use-group.ts'
import { describeForAudit, findTimeouts, makeOperationReady, renderShownValues } from '../operation/operations.ts'
import { refuseOtherPlan } from '../plan/kept-plans.ts'
import { makePlan, type Plan, type PlanInputRequest } from '../plan/make-plan.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { readTiming, type TimingRequest } from '../timing/read-timing.ts'
import { findApprovalTerms, storeSignedPlan } from '../trust/sign-plan.ts'
import { authoriseStart, refuseNotPermitted } from './authorise-operation.ts'
import { readStatus } from './read-executions.ts'
import { refuseSecondRollback } from './refuse-second-rollback.ts'

/** The request to start an execution. */
export interface StartRequest extends PlanInputRequest, TimingRequest {
  /** The signatures of approvers that it needs; absent: those of the published trust file. */
  readonly approval?: ApprovalRequestTerms | undefined
  readonly mode: ExecutionMode
  readonly clientToken?: string | undefined
  /** Digest of the expected plan: a different one is not started. */
  readonly ifPlan?: string | undefined
  readonly description: string
  readonly deliveryTimeoutMs: number
  readonly retryOf?: ExecutionId
  /** The execution that it rolls back; a retry of a rollback has the same one. */
  readonly rollbackOf?: ExecutionId | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
  readonly parentExecutionId?: string | undefined
  /** The assignment that it belongs to; one of an assignment is open at a time. */
  readonly assignment?: { readonly id: string; readonly generation: number } | undefined
  /** Starts on a group although it suddenly matches every instance. */
  readonly confirmTargets?: boolean | undefined
  /** The request as another API surface received it; see the column. */
  readonly origin?: object | undefined
  /**
   * The origin's parameters as given, JSON text without secrets, stored in the origin as `given`.
   * Not part of the comparison of requests, because the origin already contains the values: the
   * same values in another notation are the same request.
   */
  readonly givenParameters?: string | undefined
}

/**
 * Plans, freezes the plan as task executions, and wakes the dispatcher. Idempotent for the same
 * client token, also for concurrent requests; a different request with the same token is refused.
 * Checks the actor's permissions itself, because retries call it, too.
 * @throws AccessDenied, and errors of planning
 */
export async function startExecution(
  context: AppContext,
  actor: Actor,
  request: StartRequest,
): Promise<{ id: ExecutionId; created: boolean }> {
  // Before an earlier execution is looked up, because the response would reveal it.
  authoriseStart(context, actor, request)
  const digest = digestRequest(context, request)
  readTiming(context, actor, request)
  const known = await findSameRequest(context, actor, request, digest)
  if (known) return { id: known, created: false }
  if (request.parentExecutionId !== undefined) await readStatus(context, actor, request.parentExecutionId)
  await makeOperationReady(context, request.operation)
  const id = makeExecutionId(context.random)
  let same: ExecutionId | undefined
  const inserted = await context.database.transaction().execute(async (transaction) => {
    // Prevents the deletion of their versions during planning. Every transaction locks in this order,
    // which prevents deadlocks.
    for (const name of extensionNamesOf(request.operation).toSorted())
      await lockExtension(transaction, actor.accountId, name, 'use')
    if (request.retryOf !== undefined) {
      await lockRetries(transaction, actor.accountId, request.retryOf)
      same = await findSameRequest({ ...context, database: transaction }, actor, request, digest)
      if (same) return true
      await refuseSecondRetry(transaction, actor, request.retryOf, request.targets)
    }
    if (request.rollbackOf !== undefined && request.retryOf === undefined) {
      // Serialises the rollbacks of one execution.
      await lockExecution(transaction, actor.accountId, request.rollbackOf)
      same = await findSameRequest({ ...context, database: transaction }, actor, request, digest)
      if (same) return true
      await refuseSecondRollback(transaction, actor.accountId, request.rollbackOf)
    }
    const planning = { ...context, database: transaction }
    const plan = await makePlan(planning, actor, request)
    refuseNotPermitted(context, actor, request.operation, plan)
    const { ifPlan, operation, confirmTargets = false } = request
    // A confirmed plan shows what the group matches.
    if (plan.group)
      await recordGroupUse(transaction, actor, plan.group, { isConfirmed: confirmTargets || ifPlan !== undefined })
    if (ifPlan !== undefined) await refuseOtherPlan(planning, actor, { ifPlan, operation }, plan)
    return insertPlannedExecution(context, transaction, actor, request, { id, plan, digest })
  })
  if (same) return { id: same, created: false }
  if (!inserted) {
    const winner = await findSameRequest(context, actor, request, digest)
    if (!winner) throw chandlerError('ExecutionNotFound', { id: request.clientToken ?? id })
    return { id: winner, created: false }
  }
  context.poke([id])
  return { id, created: true }
}

/**
 * Only one retry of the same tasks runs at a time, whichever execution of the chain it was
 * requested for: two would do the same work twice.
 */
async function refuseSecondRetry(
  connection: Connection,
  { accountId }: Actor,
  retryOf: ExecutionId,
  targets: Targets,
): Promise<void> {
  if (targets.kind !== 'ids') throw new Error(`the targets of a retry are ids, not ${targets.kind}`)
  const retry = await getOpenRetry(connection, accountId, retryOf, targets.ids)
  if (retry) throw chandlerError('ExecutionRetryRunning', { id: retryOf, retry }, { executionId: retry })
}

/**
 * The identity of a request: everything except the token, the expected plan and internal options. Secrets are
 * included in the digest, which is all that is stored.
 */
function digestRequest({ digests }: AppContext, request: StartRequest): string {
  const { clientToken: _, ifPlan: __, givenParameters: ___, skipsEmptyBatches: ____, ...compared } = request
  return digests.of(canonicalJson(JSON.parse(JSON.stringify(compared))))
}

async function findSameRequest(
  { database, digests }: Pick<PlanContext, 'database' | 'digests'>,
  actor: Actor,
  { clientToken }: StartRequest,
  digest: string,
): Promise<ExecutionId | undefined> {
  if (clientToken === undefined) return undefined
  const execution: ExecutionRow | undefined = await getExecutionByClientToken(database, actor.accountId, clientToken)
  if (execution && digests.rekey(execution.request_digest) !== digest)
    throw chandlerError('ClientTokenReused', { id: execution.id })
  return execution?.id
}

async function insertPlannedExecution(
  context: AppContext,
  connection: Connection,
  actor: Actor,
  request: StartRequest,
  { id, plan, digest }: { readonly id: ExecutionId; readonly plan: Plan; readonly digest: string },
): Promise<boolean> {
  const { operation } = plan
  const timing = readTiming(context, actor, request)
  const parts = partsOf(operation)
  const sequence = isSequence(operation)
  const seal = (secret: ParameterValues) =>
    Object.keys(secret).length > 0 ? context.secrets.seal(JSON.stringify(secret), `execution/${id}`) : null
  const sealed = plan.parts.map(({ secret }) => seal(secret))
  const common = findCommonLabels(
    plan.planned.filter(({ reasonCode }) => reasonCode !== 'UserNotPermitted').map(({ labels }) => labels),
  )
  const approval = await findApprovalTerms(context, connection, actor, plan, request.approval)
  const inserted = await insertExecution(connection, {
    id,
    account_id: actor.accountId,
    client_token: request.clientToken ?? null,
    request_digest: digest,
    operation,
    extension_id: sequence ? null : (parts[0]?.extensionId ?? null),
    command_content: plan.content ?? null,
    secret_parameters_sealed: sequence ? null : (sealed[0] ?? null),
    targets: plan.targets,
    rate_control: plan.rateControl,
    mode: request.mode,
    description: request.description,
    delivery_timeout_ms: request.deliveryTimeoutMs,
    created_by: actor.name,
    retry_of: request.retryOf ?? null,
    rollback_of: request.rollbackOf ?? null,
    assignment_id: request.assignment?.id ?? null,
    assignment_generation: request.assignment?.generation ?? null,
    timing,
    approval,
    strict: request.strict ?? false,
    skip_offline: request.skipOffline ?? false,
    tags: request.tags ?? {},
    resource_group: request.resourceGroup ?? '',
    target_tags: common.tags,
    target_group: common.resourceGroup ?? null,
    parent_execution_id: request.parentExecutionId ?? null,
    origin: renderOrigin(request),
    task_count: plan.planned.length,
  })
  if (!inserted) return false
  if (sequence) await insertExecutionParts(connection, { id, accountId: actor.accountId }, parts, sealed)
  const tasks = makeTasks(plan, await findTimeouts(connection, plan))
  await insertParameterSets(connection, { id, accountId: actor.accountId }, listSets(plan, seal))
  await insertTasks(connection, { id, accountId: actor.accountId }, tasks)
  await insertTaskCounts(connection, id)
  if (approval) await storeSignedPlan(context, connection, actor, id, plan, approval)
  await writeAudit(connection, actor, 'StartExecution', `execution/${id}`, {
    ...describeForAudit(operation, plan.content),
    ...describeValuesForAudit(plan),
    ...describeTargets(plan.planned.map(({ instanceId }) => instanceId)),
    ...(request.strict ? { strict: true } : {}),
    ...(request.ignoreFreezes ? { ignoreFreezes: true } : {}),
    ...(request.retryOf ? { retryOf: request.retryOf } : {}),
  })
  await updateExecutionCounts(connection, actor.accountId, listExtensionIds(operation))
  return true
}

const renderOrigin = ({ origin, givenParameters: given }: StartRequest): object | null =>
  given === undefined ? (origin ?? null) : { ...origin, given }

const listExtensionIds = (operation: Operation): readonly ExtensionId[] =>
  partsOf(operation).map(({ extensionId }) => extensionId)

/** The parameter sets of its tasks, besides the execution's own. */
function listSets(
  { operation, planned, sets }: Plan,
  seal: (secret: ParameterValues) => Buffer | null,
): ParameterSetRow[] {
  const ids = listExtensionIds(operation)
  return sets.flatMap((ofPart, part) => {
    const decisions = planned.map((target) => target.parts?.[part] ?? target).filter(isWork)
    const numbers = new Set(decisions.flatMap(({ parameterSet }) => parameterSet ?? []))
    return [...numbers].map((number): ParameterSetRow => {
      const { open, secret, parametersDigest, changes } = ofPart.get(number)
      const extensionId = ids[part] as ExtensionId
      return { part, number, extensionId, parameters: open, parametersDigest, sealed: seal(secret), changes }
    })
  })
}

/** The given values, secrets masked; the tasks contain the values that instances keep. */
function describeValuesForAudit({ operation, parts }: Plan): object {
  const shown = renderShownValues(
    operation,
    parts.map(({ secret }) => secret),
  )
  const parameters = shown.map(({ extension, values, given, reset }) => ({
    ...(extension === undefined ? {} : { extension }),
    values: Object.fromEntries(given.map((name) => [name, clipValue(values[name] ?? '')])),
    ...(reset ? { reset } : {}),
  }))
  return parameters.length > 0 ? { parameters } : {}
}

/** The execution may be deleted: the audit log keeps its targets. */
const describeTargets = (ids: readonly InstanceId[]) => ({
  targets: ids.length,
  targetIds: ids.slice(0, maxAuditTargets),
  ...(ids.length > maxAuditTargets ? { targetsNotListed: ids.length - maxAuditTargets } : {}),
})

/** The frozen plan: tasks with work in batch order, then those that end immediately. */
function makeTasks(plan: Plan, timeoutOf: Awaited<ReturnType<typeof findTimeouts>>): NewTask[] {
  const work = plan.planned.filter(isWork)
  const ended = plan.planned.filter((target) => !isWork(target))
  const batches = plan.rateControl.batchSizes.flatMap((size, index) => Array.from({ length: size }, () => index + 1))
  return [...work, ...ended].map((target, index) => {
    const parts = target.parts?.map(({ parameterChanges: _, parametersDigest: __, ...part }, place) => ({
      ...storePart(part),
      timeoutMs: timeoutOf(part, place),
    }))
    const part = parts && findNextPart(parts, -1)
    return {
      ordinal: index + 1,
      batch: isWork(target) ? (batches[index] ?? plan.rateControl.batchSizes.length) : 0,
      instanceId: target.instanceId,
      instanceName: target.name,
      step: target.step,
      status: isWork(target) ? 'Pending' : target.step === 'none' ? 'Success' : 'Skipped',
      reasonCode: target.reasonCode,
      reason: target.reason,
      fromVersion: target.fromVersion,
      toVersion: target.toVersion,
      configurationId: target.configurationId,
      parameterSet: target.parameterSet,
      timeoutMs: timeoutOf(target, part ?? 0),
      parts,
      part,
    }
  })
}
