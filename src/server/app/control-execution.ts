import {
  acceptedAfterReopening,
  controlExecution as decideControl,
  describeRefusal,
} from '../../core/control-execution.ts'
import { chandlerError } from '../../core/errors.ts'
import { allowsControl, type ExecutionControl } from '../../core/execution.ts'
import type { ExecutionId } from '../../core/id.ts'
import { totalTasks } from '../../core/task-counts.ts'
import type { Connection } from '../../store/database.ts'
import {
  deleteExecution as deleteExecutionRows,
  getExecution,
  lockExecution,
  type NarrowExecutionRow,
  updateExecution,
} from '../../store/executions.ts'
import { listTaskCounts } from '../../store/task-counts.ts'
import { reopenFailedTasks } from '../../store/task-ends.ts'
import { listRetryableInstanceIds, listTasks } from '../../store/task-executions.ts'
import type { Actor, AppContext } from './context.ts'
import { startExecution } from './start-execution.ts'
import { writeAudit } from './write-audit.ts'

/** Pauses, resumes or cancels: changes what is asked for; the dispatcher does the rest. Asking again changes nothing. */
export async function controlExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  control: 'pause' | 'resume' | 'cancel',
): Promise<void> {
  await changeLocked(context, actor, id, control, async (connection, execution) => {
    const totals = totalTasks((await listTaskCounts(connection, [execution.id])).get(execution.id) ?? [])
    const answer = decideControl(
      {
        status: execution.status,
        reasonCode: execution.reason_code,
        openBatch: execution.open_batch,
        failedCount: totals.Failed,
        acceptedFailures: execution.accepted_failures,
        pauseRequested: execution.pause_requested,
        cancelRequested: execution.cancel_requested_at !== null,
      },
      control,
    )
    if ('refusal' in answer) throw refuse(execution, control, answer.refusal)
    const { pauseRequested, openBatch, acceptedFailures, cancelRequested, resumed } = answer.change
    if (Object.keys(answer.change).length === 0) return
    await updateExecution(connection, execution.id, {
      revision: execution.revision + 1,
      ...(pauseRequested === undefined ? {} : { pause_requested: pauseRequested }),
      ...(openBatch === undefined ? {} : { open_batch: openBatch }),
      ...(acceptedFailures === undefined ? {} : { accepted_failures: acceptedFailures }),
      ...(cancelRequested ? { cancel_requested_at: new Date(context.clock.now()) } : {}),
      ...(resumed ? { status: resumed.status, reason_code: resumed.reasonCode, reason: resumed.reason } : {}),
    })
  })
}

/** While an execution waits after a failure: tries a failed task again, or passes it over. */
export async function controlTask(
  context: AppContext,
  actor: Actor,
  id: string,
  instanceId: string,
  control: 'retryTask' | 'skipTask',
): Promise<void> {
  await changeLocked(context, actor, id, control, async (connection, execution) => {
    if (!allowsControl(execution.status, control) || execution.cancel_requested_at !== null) {
      throw refuse(execution, control, describeRefusal(execution.status, control))
    }
    const [task] = await listTasks(connection, { executionId: execution.id, instanceId, limit: 1 })
    if (!task) throw chandlerError('TaskNotFound', { id, task: instanceId })
    const words = control === 'retryTask' ? 'retry' : 'skip'
    if (task.status !== 'Failed')
      throw chandlerError('TaskStateConflict', { task: task.instance_id, status: task.status, control: words })
    const revision = execution.revision + 1
    const to =
      control === 'retryTask'
        ? { status: 'Pending' as const, reasonCode: 'Planned' as const, reason: `Tried again by ${actor.name}.` }
        : {
            status: 'Skipped' as const,
            reasonCode: 'SkippedByUser' as const,
            reason: `Failed, and skipped by ${actor.name}: ${task.reason}`,
          }
    await reopenFailedTasks(connection, { id: execution.id, revision }, [instanceId], to)
    const accepted = acceptedAfterReopening(execution.accepted_failures, 1)
    await updateExecution(connection, execution.id, { revision, accepted_failures: accepted })
  })
}

/** A new execution, linked to the old one, with the targets that failed, were cancelled or never started; the same request otherwise. */
export async function retryExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  clientToken: string | undefined,
): Promise<ExecutionId> {
  const { database, secrets } = context
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  if (!allowsControl(execution.status, 'retry'))
    throw refuse(execution, 'retry', describeRefusal(execution.status, 'retry'))
  const ids = await listRetryableInstanceIds(database, execution.id)
  if (ids.length === 0) throw chandlerError('ExecutionNothingToRetry', { id })
  const { operation, rate_control: rateControl } = execution
  const secret = execution.secret_parameters_sealed
    ? JSON.parse(secrets.open(execution.secret_parameters_sealed, `execution/${execution.id}`).toString('utf8'))
    : {}
  const uninstall = operation.action === 'uninstall'
  const started = await startExecution(context, actor, {
    action: operation.action,
    extension: operation.extensionName,
    version: uninstall ? undefined : String(operation.version),
    targets: { kind: 'ids', ids },
    parameters: uninstall ? {} : { ...operation.parameters, ...secret },
    rateControl: {
      mode: rateControl.mode,
      batchPause: rateControl.batchPause,
      maxErrors: rateControl.maxErrors,
      ...(rateControl.mode === 'Batch'
        ? { batches: rateControl.batchSizes, concurrencyInBatches: rateControl.concurrency }
        : { concurrency: rateControl.concurrency }),
    },
    mode: execution.mode,
    description: execution.description,
    deliveryTimeoutMs: execution.delivery_timeout_ms,
    retryOf: execution.id,
    clientToken,
  })
  return started.id
}

/** Removes an ended execution with its tasks and output. What is installed stays installed, and known. */
export async function deleteExecution(context: AppContext, actor: Actor, id: string): Promise<void> {
  await changeLocked(context, actor, id, 'delete', async (connection, execution) => {
    if (!allowsControl(execution.status, 'delete'))
      throw refuse(execution, 'delete', describeRefusal(execution.status, 'delete'))
    await deleteExecutionRows(connection, execution.id)
  })
}

const auditActions: Readonly<Record<ExecutionControl, string>> = {
  pause: 'PauseExecution',
  resume: 'ResumeExecution',
  cancel: 'CancelExecution',
  retry: 'RetryExecution',
  retryTask: 'RetryTask',
  skipTask: 'SkipTask',
  delete: 'DeleteExecution',
}

async function changeLocked(
  context: AppContext,
  actor: Actor,
  id: string,
  control: ExecutionControl,
  change: (connection: Connection, execution: NarrowExecutionRow) => Promise<void>,
): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    const execution = await lockExecution(transaction, actor.accountId, id)
    if (!execution) throw chandlerError('ExecutionNotFound', { id })
    await change(transaction, execution)
    await writeAudit(transaction, actor, auditActions[control], `execution/${id}`, {})
  })
  context.poke([id as ExecutionId])
  context.changed([id as ExecutionId])
}

const refuse = (execution: NarrowExecutionRow, control: ExecutionControl, reason: string) =>
  chandlerError('ExecutionStateConflict', { id: execution.id, status: execution.status, control }, { reason })
