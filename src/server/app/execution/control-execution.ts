import {
  type ControllableExecution,
  decideControl,
  describeRefusal,
} from '../../../core/execution/control-execution.ts'
import { allowsControl } from '../../../core/execution/execution.ts'
import { describeOutcome, totalTasks } from '../../../core/execution/task-counts.ts'
import { type ExecutionId, taskIdOf } from '../../../core/id.ts'
import { renderEnglishReason } from '../../../core/reason/english-reasons.ts'
import type { Connection } from '../../../store/database/database.ts'
import { insertGate } from '../../../store/execution/execution-gates.ts'
import {
  markExecutionsDeleted,
  type NarrowExecutionRow,
  updateExecutionRow,
} from '../../../store/execution/executions.ts'
import { listTaskCounts } from '../../../store/task/task-counts.ts'
import { listTaskPage } from '../../../store/task/task-lists.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked, refuse } from './change-locked.ts'
import { removeSoon } from './remove-deleted.ts'

/** The options of a control. */
export interface ControlOptions {
  /** The operator's comment; stored and shown. */
  readonly note?: string | undefined
  /** complete: the verdict that the operator expects. */
  readonly verdict?: 'Success' | 'Failed' | 'Cancelled' | undefined
}

/**
 * Pauses, resumes, cancels or completes: changes the requested state; the dispatcher does the rest.
 * Idempotent.
 */
export async function controlExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  control: 'pause' | 'resume' | 'cancel' | 'complete',
  { note, verdict }: ControlOptions = {},
): Promise<void> {
  await changeLocked(context, actor, id, control, async (connection, execution) => {
    const counts = (await listTaskCounts(connection, [execution.id])).get(execution.id) ?? []
    const totals = totalTasks(counts)
    if (verdict === 'Success' && totals.Success < execution.task_count) {
      const tasks = await nameTasks(connection, execution.id)
      throw refuse(
        execution,
        control,
        `It cannot be called a success: ${renderEnglishReason(describeOutcome(counts))}. ${tasks}`,
      )
    }
    const answer = decideControl(describeControllable(execution, totals.Failed), control)
    if ('refusal' in answer) throw refuse(execution, control, answer.refusal)
    const { pauseRequested, openBatch, acceptedFailures, cancelRequested, resumed, gatesAgain } = answer.change
    if (Object.keys(answer.change).length === 0) return
    const [gate] = execution.rate_control.gates ?? []
    if (gatesAgain && gate) await insertGate(connection, execution, { batch: execution.open_batch, index: 0, gate })
    await updateExecutionRow(connection, execution.id, {
      revision: execution.revision + 1,
      ...(note === undefined ? {} : { note }),
      ...(pauseRequested === undefined ? {} : { pause_requested: pauseRequested }),
      ...(openBatch === undefined ? {} : { open_batch: openBatch }),
      ...(acceptedFailures === undefined ? {} : { accepted_failures: acceptedFailures }),
      ...(cancelRequested && verdict === 'Failed' ? { completed_as: verdict } : {}),
      ...(cancelRequested ? { cancel_requested_at: new Date(context.clock.now()) } : {}),
      ...(resumed ? { status: resumed.status, reason_code: resumed.reasonCode, reason: resumed.reason } : {}),
    })
  })
}

/** Tasks that an error names; the others are counted. */
const maxNamedTasks = 10

/** The tasks that have not succeeded, those that were not run first. */
async function nameTasks(connection: Connection, id: ExecutionId): Promise<string> {
  const kinds = [
    ['Not run', ['Pending']],
    ['Not succeeded', ['Running', 'Rebooting', 'Failed', 'Cancelled', 'Skipped']],
  ] as const
  const sentences: string[] = []
  for (const [title, statuses] of kinds) {
    const order = { by: 'ordinal', ascending: true } as const
    const tasks = await listTaskPage(connection, id, { statuses }, { order, limit: maxNamedTasks + 1 })
    const named = tasks.slice(0, maxNamedTasks).map((task) => `${taskIdOf(id, task.ordinal)} (${task.instance_name})`)
    const more = tasks.length > maxNamedTasks ? ' and more' : ''
    if (named.length > 0) sentences.push(`${title}: ${named.join(', ')}${more}.`)
  }
  return sentences.join(' ')
}

/** The input of the control decisions in core. */
export const describeControllable = (execution: NarrowExecutionRow, failedCount: number): ControllableExecution => ({
  status: execution.status,
  reasonCode: execution.reason_code,
  mode: execution.mode,
  openBatch: execution.open_batch,
  failedCount,
  acceptedFailures: execution.accepted_failures,
  pauseRequested: execution.pause_requested,
  cancelRequested: execution.cancel_requested_at !== null,
})

/**
 * Deletes an ended execution with its tasks and output; their rows are removed step by step. The
 * installed state is unchanged.
 */
export async function deleteExecution(context: AppContext, actor: Actor, id: string): Promise<void> {
  await changeLocked(context, actor, id, 'delete', async (connection, execution) => {
    if (!allowsControl(execution.status, 'delete'))
      throw refuse(execution, 'delete', describeRefusal(execution.status, 'delete'))
    await markExecutionsDeleted(connection, [execution.id])
  })
  await removeSoon(context, [id as ExecutionId])
}
