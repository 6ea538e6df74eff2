import { chandlerError } from '../../../core/error/errors.ts'
import { describeRefusal } from '../../../core/execution/control-execution.ts'
import { allowsControl } from '../../../core/execution/execution.ts'
import { partsOf } from '../../../core/execution/operation/operations.ts'
import { type RebootOptions, readRebootOptions } from '../../../core/execution/operation.ts'
import type { ExecutionMode } from '../../../core/execution/rate-control.ts'
import type { RateControlInput } from '../../../core/execution/resolve-rate-control.ts'
import type { ExecutionId } from '../../../core/id.ts'
import { defaultDeliveryTimeoutMs } from '../../../core/limits.ts'
import { getExecution } from '../../../store/execution/executions.ts'
import { listStateChanges } from '../../../store/execution/state-changes.ts'
import type { Actor, AppContext } from '../context.ts'
import { type KeptPlan, planExecution } from '../plan/kept-plans.ts'
import { refuse } from './change-locked.ts'
import { refuseSecondRollback } from './refuse-second-rollback.ts'
import { type StartRequest, startExecution } from './start-execution.ts'

/** The request to plan the rollback of an execution. */
export interface RollbackPlanRequest extends RebootOptions {
  readonly rateControl: RateControlInput
  readonly mode?: ExecutionMode | undefined
  readonly strict?: boolean | undefined
  readonly skipOffline?: boolean | undefined
}

/** The request to roll back an execution. */
export interface RollbackStartRequest extends RollbackPlanRequest {
  readonly clientToken?: string | undefined
  /** Digest of the expected plan: a different one is not started. */
  readonly ifPlan?: string | undefined
  readonly description?: string | undefined
  readonly deliveryTimeoutMs?: number | undefined
}

/**
 * Starts an execution, linked to another one, that returns every instance which that one changed to
 * its state before, the last changed one first.
 * @throws ExecutionNotFound, ExecutionStateConflict, ExecutionNotRollbackable,
 * ExecutionNothingToRollBack, ExecutionRolledBack, and errors of starting
 */
export async function rollbackExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  request: RollbackStartRequest,
): Promise<ExecutionId> {
  const { mode = 'Automatic', clientToken, ifPlan, description = '' } = request
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = request
  const planned = await makeRollback(context, actor, id, request)
  const more = { mode, description, deliveryTimeoutMs, clientToken, ifPlan }
  const started = await startExecution(context, actor, { ...planned, ...more })
  return started.id
}

/**
 * Plans a rollback; changes nothing.
 * @throws as `rollbackExecution`
 */
export async function planRollbackOf(
  context: AppContext,
  actor: Actor,
  id: string,
  request: RollbackPlanRequest,
): Promise<KeptPlan> {
  const { rollbackOf, ...planned } = await makeRollback(context, actor, id, request)
  await refuseSecondRollback(context.database, actor.accountId, rollbackOf)
  return planExecution(context, actor, { ...planned, ...(request.mode && { mode: request.mode }) })
}

async function makeRollback(
  { database }: AppContext,
  { accountId }: Actor,
  id: string,
  { rateControl, strict, skipOffline, ...options }: RollbackPlanRequest,
): Promise<Pick<StartRequest, 'operation' | 'targets' | 'rateControl' | 'strict' | 'skipOffline'> & RolledBack> {
  const execution = await getExecution(database, accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  const { status, operation } = execution
  const parts = partsOf(operation)
  if (parts.length === 0) {
    const reason = 'it did not install, update or uninstall extensions, and its effects are not recorded'
    throw chandlerError('ExecutionNotRollbackable', { id, reason })
  }
  if (!allowsControl(status, 'rollback')) throw refuse(execution, 'rollback', describeRefusal(status, 'rollback'))
  const changes = await listStateChanges(database, accountId, execution.id)
  if (changes.length === 0) throw chandlerError('ExecutionNothingToRollBack', { id })
  const extensions = parts.map(({ extensionName }) => extensionName)
  return {
    operation: { kind: 'rollback', executionId: execution.id, extensions, ...readRebootOptions(options) },
    targets: { kind: 'ids', ids: [...new Set(changes.map(({ instanceId }) => instanceId))] },
    rateControl,
    strict,
    skipOffline,
    rollbackOf: execution.id,
  }
}

interface RolledBack {
  readonly rollbackOf: ExecutionId
}
