import { type ExecutionChange, reconcileExecution } from '../../core/execution/reconcile-execution.ts'
import {
  type AppliedPass,
  changeExecutionRow,
  concludePass,
  type ExecutionRowChange,
  mayHaveReleasedWaits,
} from '../../core/execution/reconcile-pass.ts'
import type { ExecutionId, InstanceId } from '../../core/id.ts'
import { findExecutionEvents } from '../../core/notification/find-execution-events.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { Connection, Database } from '../../store/database/database.ts'
import { endLatestGate, insertGate } from '../../store/execution/execution-gates.ts'
import { type LockedExecution, lockExecutionState } from '../../store/execution/execution-state.ts'
import { type ExecutionUpdate, updateExecutionRow } from '../../store/execution/executions.ts'
import { insertEvent } from '../../store/notification/events.ts'
import { failInvocations, stopInvocations } from '../../store/report/invocations.ts'
import { endPendingTasks, endTasks } from '../../store/task/task-ends.ts'
import { endDueParts } from '../../store/task/task-parts.ts'
import { deleteReleasedWaits, startTasks } from '../../store/task/task-starts.ts'

/** The result of a pass. */
export interface ReconcileResult {
  /** When to reconcile again even without an event, in ms from now. */
  readonly wakeInMs?: number
}

/** The notifications after a commit. */
export interface ReconcileEffects {
  /** Wakes the agents of these instances; may be lost without harm. */
  readonly nudge: (instanceIds: readonly InstanceId[]) => void
  /** Wakes the dispatcher for other executions that waited for an instance. */
  readonly poke: (executionIds: readonly ExecutionId[]) => void
  /** Notifies watchers. */
  readonly changed: (executionIds: readonly ExecutionId[]) => void
}

/**
 * Turns rows into rows: lock and load, decide (core), save, in one short transaction, until nothing
 * more can be decided. Nudges and pokes happen after the commit and may be lost: everything also
 * wakes by timer.
 * @param stop a process that ends takes no further step; another process or the next start
 * continues immediately
 */
export async function reconcile(
  database: Database,
  id: ExecutionId,
  effects: ReconcileEffects,
  stop?: AbortSignal,
): Promise<ReconcileResult> {
  for (;;) {
    const pass = await database.transaction().execute((transaction) => reconcileOnce(transaction, id))
    if (pass === undefined) return {}
    if (pass.nudge.length > 0) effects.nudge(pass.nudge)
    if (pass.freed.length > 0) effects.poke(pass.freed)
    if (pass.changed) effects.changed([id])
    if (!pass.again) return pass.wakeInMs === undefined ? {} : { wakeInMs: pass.wakeInMs }
    if (stop?.aborted) return { wakeInMs: 0 }
  }
}

interface Pass {
  readonly changed: boolean
  readonly again: boolean
  readonly wakeInMs: number | undefined
  readonly nudge: readonly InstanceId[]
  readonly freed: readonly ExecutionId[]
}

async function reconcileOnce(connection: Connection, id: ExecutionId): Promise<Pass | undefined> {
  const execution = await lockExecutionState(connection, id)
  if (execution === undefined) return undefined
  if (mayHaveReleasedWaits(execution.state) && (await deleteReleasedWaits(connection, execution)) > 0) {
    await updateExecutionRow(connection, id, { revision: execution.revision })
    return { changed: true, again: true, wakeInMs: undefined, nudge: [], freed: [] }
  }
  const decision = reconcileExecution(execution.state, execution.now)
  const { changes } = decision
  const applied = changes.length > 0 ? await applyChanges(connection, execution, changes) : makeApplied()
  const { again, wakeAt } = concludePass(decision, applied, execution)
  return {
    changed: changes.length > 0,
    again,
    wakeInMs: wakeAt === undefined ? undefined : Math.max(0, wakeAt - execution.now),
    nudge: applied.nudge,
    freed: applied.freed,
  }
}

interface Applied extends AppliedPass {
  startedCount: number
  blockedCount: number
  nudge: InstanceId[]
  freed: ExecutionId[]
}

const makeApplied = (): Applied => ({ startedCount: 0, blockedCount: 0, nudge: [], freed: [] })

async function applyChanges(
  connection: Connection,
  execution: LockedExecution,
  changes: readonly ExecutionChange[],
): Promise<Applied> {
  const applied = makeApplied()
  await failOverdue(connection, execution, changes, applied)
  for (const change of changes) {
    switch (change.kind) {
      case 'start': {
        const wanted = new Set(change.ordinals)
        const candidates = execution.candidates.filter((candidate) => wanted.has(candidate.ordinal))
        const { started, blockedCount } = await startTasks(connection, execution, candidates, { continuing: false })
        applied.nudge.push(...started.map(({ instanceId }) => instanceId))
        applied.startedCount += started.length
        applied.blockedCount += blockedCount
        break
      }
      case 'continue': {
        const { started } = await startTasks(connection, execution, chooseDue(execution, change.ordinals), {
          continuing: true,
        })
        applied.nudge.push(...started.map(({ instanceId }) => instanceId))
        applied.startedCount += started.length
        break
      }
      case 'endParts':
        await endDueParts(connection, execution, change, change.end)
        break
      case 'endPending':
        await endPendingTasks(connection, execution, change.end)
        break
      case 'stopRunning': {
        const { withdrawn, signalled } = await stopInvocations(connection, execution.id)
        const ends = withdrawn.map(({ ordinal, attempt }) => ({
          executionId: execution.id,
          ordinal,
          attempt,
          revision: execution.revision,
          status: 'Cancelled' as const,
          reasonCode: 'CancelledByUser' as const,
          reason: makeReason('CancelledBeforeDelivery'),
          exitCode: undefined,
          output: undefined,
        }))
        applied.freed.push(...(await endTasks(connection, ends)).freed)
        applied.nudge.push(...signalled)
        break
      }
      case 'beginGate': {
        const { batch, gate: index } = change
        const gate = execution.state.rateControl.gates?.[index]
        if (!gate) throw new Error(`execution ${execution.id} has no gate ${index}`)
        await insertGate(connection, execution, { batch, index, gate })
        break
      }
      case 'endGate':
        await endLatestGate(connection, execution.id, change)
        break
      case 'endTask':
      case 'openBatch':
      case 'setStatus':
        // Of the execution's row, or ended above.
        break
      default:
        change satisfies never
    }
  }
  const row = changeExecutionRow(execution, changes, applied)
  await updateExecutionRow(connection, execution.id, describeUpdate(execution, row))
  for (const { type, ...facts } of findExecutionEvents(execution.state, changes, row.isStarting ?? false))
    await insertEvent(connection, execution.accountId, type, {
      kind: 'execution',
      execution: { id: execution.id, ...execution.description, ...facts },
    })
  return applied
}

function describeUpdate({ revision, now, state }: LockedExecution, row: ExecutionRowChange): ExecutionUpdate {
  const { status, reasonCode, reason, openBatch, isStarting, isEnding, isNamedTaskStarted } = row
  const rollsBack = isEnding && reasonCode === 'GateFailed' && state.rateControl.onGateFailure === 'rollback'
  return {
    revision,
    ...(openBatch === undefined ? {} : { open_batch: openBatch }),
    ...(status === undefined ? {} : { status }),
    ...(reasonCode === undefined ? {} : { reason_code: reasonCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(isStarting ? { started_at: new Date(now) } : {}),
    ...(isEnding ? { ended_at: new Date(now) } : {}),
    ...(rollsBack ? { rollback_due: true } : {}),
    ...(isNamedTaskStarted ? { named_ordinal: null } : {}),
  }
}

function chooseDue({ due }: LockedExecution, ordinals: readonly number[]) {
  const wanted = new Set(ordinals)
  return due.filter(({ ordinal }) => wanted.has(ordinal))
}

/** Ends the tasks of overdue invocations; skips those that were accepted or answered meanwhile. */
async function failOverdue(
  connection: Connection,
  execution: LockedExecution,
  changes: readonly ExecutionChange[],
  applied: Applied,
): Promise<void> {
  const overdue = changes.flatMap((change) => (change.kind === 'endTask' ? [change] : []))
  if (overdue.length === 0) return
  const givenUp = await failInvocations(
    connection,
    overdue.map((change) => change.overdue),
  )
  const endByInvocation = new Map(overdue.map((change) => [change.overdue.invocationId, change.end]))
  const ends = givenUp.flatMap(({ id, ordinal, attempt }) => {
    const end = endByInvocation.get(id)
    if (!end) return []
    const { status, reasonCode, reason } = end
    return [
      {
        executionId: execution.id,
        ordinal,
        attempt,
        revision: execution.revision,
        status,
        reasonCode,
        reason,
        exitCode: undefined,
        output: undefined,
      },
    ]
  })
  applied.freed.push(...(await endTasks(connection, ends)).freed)
}
