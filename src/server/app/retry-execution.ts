import { describeRefusal } from '../../core/control-execution.ts'
import { chandlerError } from '../../core/errors.ts'
import { allowsControl } from '../../core/execution.ts'
import type { ExecutionId } from '../../core/id.ts'
import { restateRateControl } from '../../core/resolve-rate-control.ts'
import { getExecution } from '../../store/executions.ts'
import { listRetryableInstanceIds } from '../../store/task-executions.ts'
import { refuse } from './change-locked.ts'
import type { Actor, AppContext } from './context.ts'
import { parseFailureKey } from './read-failures.ts'
import { restateOperation } from './restate-operation.ts'
import { startExecution } from './start-execution.ts'

export interface RetryRequest {
  readonly clientToken?: string | undefined
  /** Only the failures of a group, by its key. */
  readonly failure?: string | undefined
  /** Only these. */
  readonly instanceIds?: readonly string[] | undefined
}

/**
 * A new execution, linked to the old one, with the targets that failed, were cancelled or never started; the same request otherwise, so that
 * its rate control is resolved for those targets.
 * @throws ExecutionNotFound, ExecutionStateConflict, ExecutionNothingToRetry, ExecutionRetryRunning, and what starting throws
 */
export async function retryExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  { clientToken, failure, instanceIds }: RetryRequest = {},
): Promise<ExecutionId> {
  const { database } = context
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  if (!allowsControl(execution.status, 'retry'))
    throw refuse(execution, 'retry', describeRefusal(execution.status, 'retry'))
  const ids = await listRetryableInstanceIds(database, execution.id, {
    failure: failure === undefined ? undefined : parseFailureKey(failure),
    instanceIds,
  })
  if (ids.length === 0) throw chandlerError('ExecutionNothingToRetry', { id })
  const started = await startExecution(context, actor, {
    operation: await restateOperation(context, execution),
    targets: { kind: 'ids', ids },
    rateControl: restateRateControl(execution.rate_control),
    mode: execution.mode,
    description: execution.description,
    deliveryTimeoutMs: execution.delivery_timeout_ms,
    retryOf: execution.id,
    tags: execution.tags,
    resourceGroup: execution.resource_group,
    ...(execution.parent_execution_id === null ? {} : { parentExecutionId: execution.parent_execution_id }),
    ...(execution.origin === null ? {} : { origin: execution.origin }),
    clientToken,
  })
  return started.id
}
