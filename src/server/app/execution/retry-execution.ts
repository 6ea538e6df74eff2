import { chandlerError } from '../../../core/error/errors.ts'
import { describeRefusal } from '../../../core/execution/control-execution.ts'
import { allowsControl } from '../../../core/execution/execution.ts'
import { restateRateControl } from '../../../core/execution/resolve-rate-control.ts'
import type { ExecutionId } from '../../../core/id.ts'
import { getExecution } from '../../../store/execution/executions.ts'
import { listRetryableInstanceIds } from '../../../store/task/task-executions.ts'
import type { Actor, AppContext } from '../context.ts'
import { restateOperation } from '../operation/operations.ts'
import { type KeptPlan, planExecution } from '../plan/kept-plans.ts'
import { requireTasks } from '../plan/require-known.ts'
import { refuse } from './change-locked.ts'
import { parseFailureKey } from './read-failures.ts'
import { type StartRequest, startExecution } from './start-execution.ts'

/** The request to retry an execution. */
export interface RetryRequest {
  readonly clientToken?: string | undefined
  /** Digest of the expected plan: a different one is not started. */
  readonly ifPlan?: string | undefined
  /** Only the failures of a group, by its key. */
  readonly failure?: string | undefined
  /** Only these. */
  readonly instanceIds?: readonly string[] | undefined
}

/**
 * Starts a new execution, linked to the old one, with the targets that failed, were cancelled or
 * never started; otherwise the same request, so that its rate control is resolved for those
 * targets.
 * @throws ExecutionNotFound, ExecutionStateConflict, TaskNotFound (of `instanceIds`),
 * ExecutionNothingToRetry, ExecutionRetryRunning, and errors of starting
 */
export async function retryExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  { clientToken, ifPlan, failure, instanceIds }: RetryRequest = {},
): Promise<ExecutionId> {
  const request = await restateExecution(context, actor, id, { failure, instanceIds })
  const started = await startExecution(context, actor, { ...request, clientToken, ifPlan })
  return started.id
}

/**
 * Plans a retry; changes nothing.
 * @throws ExecutionNotFound, ExecutionStateConflict, TaskNotFound, ExecutionNothingToRetry, and
 * errors of planning
 */
export async function planRetry(
  context: AppContext,
  actor: Actor,
  id: string,
  request: Pick<RetryRequest, 'failure' | 'instanceIds'>,
): Promise<KeptPlan> {
  const { operation, targets, rateControl, skipsEmptyBatches } = await restateExecution(context, actor, id, request)
  return planExecution(context, actor, { operation, targets, rateControl, skipsEmptyBatches })
}

async function restateExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  { failure, instanceIds }: Pick<RetryRequest, 'failure' | 'instanceIds'>,
): Promise<StartRequest> {
  const { database } = context
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  if (!allowsControl(execution.status, 'retry'))
    throw refuse(execution, 'retry', describeRefusal(execution.status, 'retry'))
  if (instanceIds) await requireTasks(context, execution.id, instanceIds)
  const ids = await listRetryableInstanceIds(database, execution.id, {
    failure: failure === undefined ? undefined : parseFailureKey(failure),
    instanceIds,
  })
  if (ids.length === 0 && failure !== undefined) throw chandlerError('FailureNotFound', { id, key: failure })
  if (ids.length === 0) throw chandlerError('ExecutionNothingToRetry', { id })
  return {
    operation: await restateOperation(context, execution),
    targets: { kind: 'ids', ids },
    rateControl: restateRateControl(execution.rate_control),
    // Perhaps nothing has failed on the instances of a batch.
    skipsEmptyBatches: true,
    mode: execution.mode,
    strict: execution.strict,
    ...(execution.approval && { approval: { signatures: execution.approval.threshold } }),
    skipOffline: execution.skip_offline,
    description: execution.description,
    deliveryTimeoutMs: execution.delivery_timeout_ms,
    retryOf: execution.id,
    ...(execution.rollback_of === null ? {} : { rollbackOf: execution.rollback_of as ExecutionId }),
    tags: execution.tags,
    resourceGroup: execution.resource_group,
    ...(execution.parent_execution_id === null ? {} : { parentExecutionId: execution.parent_execution_id }),
    ...(execution.origin === null ? {} : { origin: execution.origin }),
  }
}
