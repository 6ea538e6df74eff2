import { chandlerError } from '../../../core/error/errors.ts'
import {
  decideTaskControl as decideControl,
  type TaskControl,
  type TaskControlChange,
} from '../../../core/execution/control-task.ts'
import { isTaskRunning } from '../../../core/execution/execution.ts'
import { countRunning, totalTasks } from '../../../core/execution/task-counts.ts'
import type { ExecutionId, InstanceId } from '../../../core/id.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import type { Connection } from '../../../store/database/database.ts'
import { getNamedOrdinal } from '../../../store/execution/execution-state.ts'
import { type NarrowExecutionRow, updateExecutionRow } from '../../../store/execution/executions.ts'
import { stopInvocations } from '../../../store/report/invocations.ts'
import { listTaskCounts } from '../../../store/task/task-counts.ts'
import { endPendingTasks, endTasks, reopenFailedTasks } from '../../../store/task/task-ends.ts'
import { listNamedTasks, type NamedTasks, type TaskRow, updateTaskNotes } from '../../../store/task/task-executions.ts'
import { endDueParts } from '../../../store/task/task-parts.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked, refuse } from './change-locked.ts'
import { describeControllable } from './control-execution.ts'

/**
 * Controls single tasks: retries or skips failed ones while the execution waits, starts the next
 * one in Debug mode, cancels pending or running ones. Applies to all of the named tasks or to none.
 */
export async function controlTasks(
  context: AppContext,
  actor: Actor,
  id: string,
  named: NamedTasks,
  control: TaskControl,
  note?: string,
): Promise<void> {
  const freed: ExecutionId[] = []
  const signalled: InstanceId[] = []
  const wake = { freed, signalled }
  await changeLocked(
    context,
    actor,
    id,
    control,
    async (connection, execution) => {
      const tasks = await findTasks(connection, execution, named)
      const totals = totalTasks((await listTaskCounts(connection, [execution.id])).get(execution.id) ?? [])
      const namedOrdinal = await getNamedOrdinal(connection, execution)
      const controllable = {
        ...describeControllable(execution, totals.Failed),
        runningCount: countRunning(totals),
        namedOrdinal,
      }
      const answer = decideControl(controllable, tasks, control)
      if ('refusal' in answer) {
        const task = tasks.find(({ ordinal }) => ordinal === answer.task?.ordinal)
        if (!task) throw refuse(execution, control, answer.refusal)
        throw chandlerError('TaskStateConflict', {
          task: task.instance_id,
          status: task.status,
          control: controlNames[control],
        })
      }
      if (Object.keys(answer.change).length === 0) return
      await applyChange(connection, execution, actor, { tasks, change: answer.change, note, wake })
    },
    named,
  )
  if (signalled.length > 0) context.nudge(signalled)
  if (freed.length > 0) context.poke(freed)
}

const controlNames: Readonly<Record<TaskControl, string>> = {
  retryTask: 'retry',
  skipTask: 'skip',
  runTask: 'run',
  cancelTask: 'cancel',
}

async function findTasks(
  connection: Connection,
  execution: NarrowExecutionRow,
  named: NamedTasks,
): Promise<readonly TaskRow[]> {
  const tasks = await listNamedTasks(connection, execution.id, named)
  const missing =
    'instanceIds' in named
      ? named.instanceIds.find((instanceId) => tasks.every((task) => task.instance_id !== instanceId))
      : named.ordinals.find((ordinal) => tasks.every((task) => task.ordinal !== ordinal))
  if (missing !== undefined) throw chandlerError('TaskNotFound', { id: execution.id, task: String(missing) })
  return tasks
}

interface Application {
  readonly tasks: readonly TaskRow[]
  readonly change: TaskControlChange
  readonly note: string | undefined
  /** Filled in: the executions and instances to wake after the commit. */
  readonly wake: { readonly freed: ExecutionId[]; readonly signalled: InstanceId[] }
}

async function applyChange(
  connection: Connection,
  execution: NarrowExecutionRow,
  actor: Actor,
  { tasks, change, note, wake }: Application,
): Promise<void> {
  const changed = { id: execution.id, revision: execution.revision + 1 }
  if (change.reopened !== undefined) {
    const to =
      change.reopened === 'Pending'
        ? ({ status: 'Pending', reasonCode: 'Planned', reason: makeReason('RetriedBy', { user: actor.name }) } as const)
        : ({
            status: 'Skipped',
            reasonCode: 'SkippedByUser',
            reason: makeReason('FailedAndSkippedBy', { user: actor.name }),
          } as const)
    const instanceIds = tasks.map((task) => task.instance_id)
    await reopenFailedTasks(connection, changed, instanceIds, to)
  }
  if (change.stopped) await stopTasks(connection, changed, actor, tasks, wake)
  if (note !== undefined) {
    const ordinals = tasks.map(({ ordinal }) => ordinal)
    await updateTaskNotes(connection, changed, ordinals, note)
  }
  const { acceptedFailures, namedOrdinal, resumed } = change
  await updateExecutionRow(connection, execution.id, {
    revision: changed.revision,
    ...(acceptedFailures === undefined ? {} : { accepted_failures: acceptedFailures }),
    ...(namedOrdinal === undefined ? {} : { named_ordinal: namedOrdinal }),
    ...(resumed ? { status: resumed.status, reason_code: resumed.reasonCode, reason: resumed.reason } : {}),
  })
}

async function stopTasks(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  actor: Actor,
  tasks: readonly TaskRow[],
  wake: Application['wake'],
): Promise<void> {
  const cancelled = { status: 'Cancelled', reasonCode: 'CancelledByUser' } as const
  const pending = tasks.filter(({ status }) => status === 'Pending').map((task) => task.instance_id)
  const reason = makeReason('CancelledBeforeStartBy', { user: actor.name })
  if (pending.length > 0) await endPendingTasks(connection, execution, { ...cancelled, reason }, pending)
  const due = tasks.filter((task) => task.part_due).map(({ ordinal }) => ordinal)
  if (due.length > 0) await endDueParts(connection, execution, { ordinals: due }, { ...cancelled, reason })
  const running = tasks.filter(({ status }) => isTaskRunning(status)).map(({ ordinal }) => ordinal)
  const { withdrawn, signalled } = await stopInvocations(connection, execution.id, running)
  const ends = withdrawn.map(({ ordinal, attempt }) => ({
    executionId: execution.id,
    ordinal,
    attempt,
    revision: execution.revision,
    ...cancelled,
    reason: makeReason('CancelledBeforeDeliveryBy', { user: actor.name }),
    exitCode: undefined,
    output: undefined,
  }))
  wake.freed.push(...(await endTasks(connection, ends)).freed)
  wake.signalled.push(...signalled)
}
