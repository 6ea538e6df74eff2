import { isEnded } from '../../src/core/execution/execution.ts'
import type { Decision, ExecutionChange, ExecutionState } from '../../src/core/execution/reconcile-execution.ts'
import {
  type AppliedPass,
  changeExecutionRow,
  concludePass,
  mayHaveReleasedWaits,
  type NextPass,
} from '../../src/core/execution/reconcile-pass.ts'
import type { InstanceId } from '../../src/core/id.ts'
import { renderEnglishReason } from '../../src/core/reason/english-reasons.ts'
import {
  deleteStaleWaits,
  endDueParts,
  endPendingTasks,
  endTasks,
  failInvocation,
  startTasks,
  stopInvocations,
} from './row-changes.ts'
import { type ExecutionRow, type LoadedExecution, loadExecution, type Rows } from './rows.ts'

export type Decide = (state: ExecutionState, now: number) => Decision

export interface ShellEffects {
  readonly nudge: (instanceIds: readonly InstanceId[]) => void
  readonly poke: (executions: readonly ExecutionRow[]) => void
  /** Events between read and write: agents do not wait for the execution's lock. */
  readonly meanwhile: (state: ExecutionState) => void
}

/**
 * The actions of src/server/dispatcher/reconcile.ts, on the rows of the simulator. Returns when to
 * look again even without an event.
 */
export function reconcile(
  rows: Rows,
  execution: ExecutionRow,
  decide: Decide,
  effects: ShellEffects,
): number | undefined {
  const most = 20 + 4 * execution.tasks.length + 2 * execution.rateControl.batchSizes.length
  let pass: NextPass = { again: true }
  let passes = 0
  while (pass.again && passes < most) {
    pass = reconcileOnce(rows, execution, decide, effects)
    rows.emit({ kind: 'committed' })
    passes += 1
  }
  const secondLook = decide(loadExecution(rows, execution).state, rows.now())
  rows.emit({ kind: 'settled', execution, passes, exhausted: pass.again, wakeAt: pass.wakeAt, secondLook })
  return pass.wakeAt
}

function reconcileOnce(rows: Rows, execution: ExecutionRow, decide: Decide, effects: ShellEffects): NextPass {
  if (isEnded(execution.status)) return { again: false }
  const loaded = loadExecution(rows, execution)
  if (mayHaveReleasedWaits(loaded.state) && deleteStaleWaits(rows, execution) > 0) return { again: true }
  const decision = decide(loaded.state, rows.now())
  effects.meanwhile(loaded.state)
  const applied = applyChanges(rows, execution, loaded, decision.changes)
  if (applied.nudge.length > 0) effects.nudge(applied.nudge)
  if (applied.freed.length > 0) effects.poke(applied.freed)
  return concludePass(decision, applied, { now: rows.now(), deliveryTimeoutMs: execution.deliveryTimeoutMs })
}

interface Applied extends AppliedPass {
  startedCount: number
  blockedCount: number
  nudge: InstanceId[]
  freed: ExecutionRow[]
}

function applyChanges(
  rows: Rows,
  execution: ExecutionRow,
  loaded: LoadedExecution,
  changes: readonly ExecutionChange[],
): Applied {
  const applied: Applied = { startedCount: 0, blockedCount: 0, nudge: [], freed: [] }
  failOverdue(rows, execution, changes, applied)
  for (const change of changes) {
    switch (change.kind) {
      case 'start': {
        const wanted = new Set(change.ordinals)
        const candidates = loaded.candidates.filter(({ ordinal }) => wanted.has(ordinal))
        const { started, blockedCount } = startTasks(rows, execution, candidates, { continuing: false })
        applied.nudge.push(...started)
        applied.startedCount += started.length
        applied.blockedCount += blockedCount
        break
      }
      case 'endPending':
        endPendingTasks(rows, execution, change.end)
        break
      case 'stopRunning': {
        const { withdrawn, signalled } = stopInvocations(rows, execution)
        const ends = withdrawn.map(({ task, attempt }) => ({
          execution,
          task,
          attempt,
          status: 'Cancelled' as const,
          reasonCode: 'CancelledByUser' as const,
        }))
        applied.freed.push(...endTasks(rows, ends, 'dispatcher'))
        applied.nudge.push(...signalled.map(({ instanceId }) => instanceId))
        break
      }
      case 'beginGate':
        beginGate(rows, execution, change)
        break
      case 'endGate':
        if (execution.gate) execution.gate = { ...execution.gate, outcome: change.outcome, reason: change.reason }
        break
      case 'endTask':
      case 'openBatch':
      case 'setStatus':
        break
      case 'continue': {
        const { started } = startTasks(rows, execution, chooseDue(loaded, change), { continuing: true })
        applied.nudge.push(...started)
        applied.startedCount += started.length
        break
      }
      case 'endParts':
        endDueParts(rows, execution, chooseDue(loaded, change), change.end, 'dispatcher')
        break
    }
  }
  applyRowChange(rows, execution, loaded, changes, applied)
  return applied
}

function applyRowChange(
  rows: Rows,
  execution: ExecutionRow,
  { state }: LoadedExecution,
  changes: readonly ExecutionChange[],
  applied: Applied,
): void {
  const { taskNamed } = state
  const row = changeExecutionRow({ hasStarted: true, taskNamed }, changes, applied)
  const { openBatch, status, reasonCode, reason, isNamedTaskStarted } = row
  if (isNamedTaskStarted) execution.namedOrdinal = undefined
  if (openBatch !== undefined) {
    execution.openBatch = openBatch
    rows.emit({ kind: 'batchOpened', execution, batch: openBatch, by: 'dispatcher' })
  }
  if (status !== undefined && reasonCode !== undefined && reason !== undefined)
    setStatus(rows, execution, { status, reasonCode, reason })
}

export function beginGate(
  rows: Rows,
  execution: ExecutionRow,
  { batch, gate }: { readonly batch: number; readonly gate: number },
): void {
  execution.gate = { batch, gate, beganAt: rows.now(), approvals: [] }
  rows.emit({ kind: 'gateBegan', execution, gate })
}

const chooseDue = ({ due }: LoadedExecution, { ordinals }: { readonly ordinals: readonly number[] }) =>
  due.filter(({ ordinal }) => ordinals.includes(ordinal))

export function setStatus(
  rows: Rows,
  execution: ExecutionRow,
  to: Pick<ExecutionRow, 'status' | 'reasonCode' | 'reason'>,
): void {
  const from = execution.status
  Object.assign(execution, to)
  rows.emit({
    kind: 'statusSet',
    execution,
    from,
    to: to.status,
    reasonCode: to.reasonCode,
    reason: renderEnglishReason(to.reason),
  })
}

function failOverdue(rows: Rows, execution: ExecutionRow, changes: readonly ExecutionChange[], applied: Applied): void {
  const ends = changes.flatMap((change) => {
    if (change.kind !== 'endTask') return []
    const given = failInvocation(rows, change.overdue.invocationId, change.overdue.state)
    if (given === undefined) return []
    const { status, reasonCode } = change.end
    return [{ execution, task: given.task, attempt: given.attempt, status, reasonCode }]
  })
  applied.freed.push(...endTasks(rows, ends, 'dispatcher'))
}
