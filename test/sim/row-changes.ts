import type { TaskReasonCode, TaskStatus } from '../../src/core/execution/execution.ts'
import { type InvocationState, isInvocationOpen, openInvocationStates } from '../../src/core/execution/invocation.ts'
import type { TaskEnd } from '../../src/core/execution/reconcile-execution.ts'
import { type InstanceId, type InvocationId, invocationIdOf, taskIdOf } from '../../src/core/id.ts'
import { cancelTimeoutMs } from '../../src/core/limits.ts'
import {
  type ExecutionRow,
  endPendingLimit,
  type InvocationRow,
  lockKey,
  type Rows,
  type TaskRow,
  waitKey,
} from './rows.ts'
import type { SimEvent } from './sim-event.ts'

// One function per statement of src/store/{task-starts,task-ends,invocations}.ts, with the same
// conditions.

type By = Extract<SimEvent, { kind: 'taskMoved' }>['by']

function addCount(
  execution: ExecutionRow,
  batch: number,
  status: TaskStatus,
  reasonCode: TaskReasonCode,
  sign: 1 | -1,
): void {
  const key = `${batch} ${status} ${reasonCode}`
  const count = (execution.counts.get(key)?.count ?? 0) + sign
  execution.counts.set(key, { batch, status, reasonCode, count })
}

function moveTask(
  rows: Rows,
  execution: ExecutionRow,
  task: TaskRow,
  to: { readonly status: TaskStatus; readonly reasonCode: TaskReasonCode },
  by: By,
): void {
  const from = task.status
  addCount(execution, task.batch, from, task.reasonCode, -1)
  addCount(execution, task.batch, to.status, to.reasonCode, 1)
  task.status = to.status
  task.reasonCode = to.reasonCode
  rows.emit({ kind: 'taskMoved', execution, task, from, to: to.status, reasonCode: to.reasonCode, by })
}

function moveInvocation(rows: Rows, invocation: InvocationRow, to: InvocationState): void {
  const from = invocation.state
  if (from === to) return
  invocation.state = to
  rows.emit({ kind: 'invocationMoved', invocation, from, to })
}

export function startTasks(
  rows: Rows,
  execution: ExecutionRow,
  candidates: readonly TaskRow[],
  { continuing }: { readonly continuing: boolean },
): { readonly started: InstanceId[]; readonly blockedCount: number } {
  const started: InstanceId[] = []
  const refused: TaskRow[] = []
  for (const task of candidates) {
    if (rows.locks.has(lockKey(execution, task)) || !(continuing ? task.partDue : task.status === 'Pending')) {
      refused.push(task)
      continue
    }
    rows.locks.set(lockKey(execution, task), { execution, task })
    task.attempt += 1
    const id = invocationIdOf(taskIdOf(execution.id, task.ordinal), task.attempt)
    const invocation: InvocationRow = {
      id,
      execution,
      task,
      attempt: task.attempt,
      part: task.part,
      instanceId: task.instanceId,
      state: 'queued',
      deadlineAt: rows.now() + execution.deliveryTimeoutMs,
      cancelRequested: false,
      disowned: false,
    }
    rows.invocations.set(id, invocation)
    rows.emit({ kind: 'invocationMoved', invocation, from: 'none', to: 'queued' })
    if (continuing) {
      task.partDue = false
      rows.emit({ kind: 'partBegun', execution, task, part: task.part })
    } else {
      moveTask(rows, execution, task, { status: 'Running', reasonCode: 'Dispatched' }, 'dispatcher')
    }
    started.push(task.instanceId)
  }
  for (const task of refused) {
    const holder = rows.locks.get(lockKey(execution, task))?.execution
    if (holder === undefined || holder === execution) continue
    rows.waits.set(waitKey(execution, task), { execution, task })
    rows.emit({ kind: 'taskBlocked', execution, task, waitsFor: holder })
  }
  return { started, blockedCount: refused.length }
}

export function deleteStaleWaits(rows: Rows, execution: ExecutionRow): number {
  let deleted = 0
  for (const [key, wait] of rows.waits) {
    if (wait.execution !== execution || rows.locks.has(lockKey(wait.execution, wait.task))) continue
    rows.waits.delete(key)
    deleted += 1
  }
  return deleted
}

export interface TaskEndRow {
  readonly execution: ExecutionRow
  readonly task: TaskRow
  readonly attempt: number
  readonly status: 'Success' | 'Failed' | 'Cancelled'
  readonly reasonCode: TaskReasonCode
}

/** Returns the executions that waited for an instance that is free now. */
export function endTasks(rows: Rows, ends: readonly TaskEndRow[], by: By): ExecutionRow[] {
  const freed = new Set<ExecutionRow>()
  for (const { execution, task, attempt, status, reasonCode } of ends) {
    if (task.status !== 'Running' || task.attempt !== attempt) continue
    moveTask(rows, execution, task, { status, reasonCode }, by)
    task.partDue = false
    for (const waiting of releaseLock(rows, execution, task)) freed.add(waiting)
  }
  return [...freed]
}

/**
 * Returns the executions that waited for it; they remove their waits themselves, when they are
 * poked.
 */
function releaseLock(rows: Rows, execution: ExecutionRow, task: TaskRow): ExecutionRow[] {
  const key = lockKey(execution, task)
  const lock = rows.locks.get(key)
  if (lock?.execution !== execution || lock.task !== task) return []
  rows.locks.delete(key)
  return [...rows.waits.values()].flatMap((wait) =>
    lockKey(wait.execution, wait.task) === key ? [wait.execution] : [],
  )
}

/**
 * A part has succeeded: the task continues with the next one, if there is one. Undefined: there is
 * none, or it was a duplicate.
 */
export function advancePart(rows: Rows, { execution, task, attempt }: InvocationRow): ExecutionRow[] | undefined {
  const isLast = task.part === execution.mutationKeys.length - 1
  if (isLast || task.status !== 'Running' || task.attempt !== attempt || task.partDue) return undefined
  const freed = releaseLock(rows, execution, task)
  rows.emit({ kind: 'partDone', execution, task, part: task.part })
  task.part += 1
  task.partDue = true
  return freed
}

export function endDueParts(
  rows: Rows,
  execution: ExecutionRow,
  tasks: readonly TaskRow[],
  { status, reasonCode }: Pick<TaskEnd, 'status' | 'reasonCode'>,
  by: By,
): void {
  for (const task of tasks.filter(({ partDue }) => partDue)) {
    endTasks(rows, [{ execution, task, attempt: task.attempt, status, reasonCode }], by)
    rows.waits.delete(waitKey(execution, task))
  }
}

export function endPendingTasks(rows: Rows, execution: ExecutionRow, end: TaskEnd, only?: TaskRow): void {
  const pending = execution.tasks.filter((task) => task.status === 'Pending' && (only === undefined || task === only))
  for (const task of pending.slice(0, endPendingLimit)) {
    moveTask(rows, execution, task, end, only === undefined ? 'dispatcher' : 'operator')
    rows.waits.delete(waitKey(execution, task))
  }
}

export function reopenFailedTask(rows: Rows, execution: ExecutionRow, task: TaskRow, to: 'Pending' | 'Skipped'): void {
  const reasonCode = to === 'Pending' ? 'Planned' : 'SkippedByUser'
  moveTask(rows, execution, task, { status: to, reasonCode }, 'operator')
}

export function handOutInvocations(rows: Rows, instanceId: InstanceId): InvocationRow[] {
  const handedOut = listInvocationsOf(rows, instanceId).filter(
    ({ state, cancelRequested }) => (state === 'queued' || state === 'sent') && !cancelRequested,
  )
  for (const invocation of handedOut) moveInvocation(rows, invocation, 'sent')
  return handedOut
}

const listInvocationsOf = (rows: Rows, instanceId: InstanceId) =>
  [...rows.invocations.values()].filter((row) => row.instanceId === instanceId && isInvocationOpen(row.state))

/** Also where the server has stopped waiting for the answer. */
export const listCancelledInvocations = (rows: Rows, instanceId: InstanceId) =>
  listKnownInvocations(rows, instanceId, []).filter(({ cancelRequested }) => cancelRequested)

/**
 * The open invocations of an instance and those that lack an answer, and others that its agent
 * names.
 */
export const listKnownInvocations = (rows: Rows, instanceId: InstanceId, named: readonly InvocationId[]) =>
  [...rows.invocations.values()].filter(
    ({ id, instanceId: owner, state, disowned }) =>
      owner === instanceId && (isInvocationOpen(state) || (state === 'lost' && !disowned) || named.includes(id)),
  )

/** Reporting agents get more time: their ends are on the way. */
export function extendDeadlines(rows: Rows, ids: readonly InvocationId[]): void {
  const least = rows.now() + simulatedTimes.graceMs
  for (const id of ids) {
    const row = rows.invocations.get(id)
    if (row === undefined || row.cancelRequested || !isInvocationOpen(row.state)) continue
    if (row.state !== 'queued' && row.state !== 'sent') row.deadlineAt = Math.max(row.deadlineAt, least)
  }
}

/** The agent has no record of it. Returns what ends by that. */
export function settleUnknown(rows: Rows, id: InvocationId): 'lost' | 'cancelled' | undefined {
  const row = rows.invocations.get(id)
  if (row === undefined || row.state === 'queued') return undefined
  if (row.state === 'sent') return row.cancelRequested ? 'cancelled' : undefined
  if (row.state !== 'lost' && !isInvocationOpen(row.state)) return undefined
  row.disowned = true
  return row.state === 'lost' ? undefined : 'lost'
}

const rankOf = (state: InvocationState) => (openInvocationStates as readonly InvocationState[]).indexOf(state)

/** Shorter than the real ones, so that silence costs little virtual time. */
export const simulatedTimes = { downloadMs: 60_000, graceMs: 10_000 } as const

export function updateInvocationProgress(rows: Rows, id: InvocationId, state: InvocationState): void {
  const invocation = rows.invocations.get(id)
  if (invocation === undefined || invocation.state === 'queued' || !isInvocationOpen(invocation.state)) return
  if (rankOf(state) <= rankOf(invocation.state)) return
  moveInvocation(rows, invocation, state)
  if (invocation.cancelRequested) return
  const early = state === 'accepted' || state === 'downloading'
  invocation.deadlineAt =
    rows.now() + simulatedTimes.graceMs + (early ? simulatedTimes.downloadMs : 2 * invocation.execution.timeoutMs)
}

/** The invocation, unless the report was a duplicate. */
export function endInvocation(
  rows: Rows,
  id: InvocationId,
  state: 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'lost',
  mayMove: (from: InvocationState, to: InvocationState) => boolean,
): InvocationRow | undefined {
  const invocation = rows.invocations.get(id)
  if (invocation === undefined || invocation.state === 'queued' || !mayMove(invocation.state, state)) return undefined
  moveInvocation(rows, invocation, state)
  return invocation
}

export function failInvocation(rows: Rows, id: InvocationId, seen: InvocationState): InvocationRow | undefined {
  const invocation = rows.invocations.get(id)
  if (invocation === undefined || invocation.state !== seen) return undefined
  rows.emit({ kind: 'gaveUp', invocation })
  moveInvocation(rows, invocation, seen === 'queued' ? 'withdrawn' : 'lost')
  return invocation
}

export function stopInvocations(
  rows: Rows,
  execution: ExecutionRow,
  only?: TaskRow,
): { withdrawn: InvocationRow[]; signalled: InvocationRow[] } {
  const withdrawn: InvocationRow[] = []
  const signalled: InvocationRow[] = []
  for (const invocation of rows.invocations.values()) {
    if (invocation.execution !== execution || invocation.cancelRequested || !isInvocationOpen(invocation.state))
      continue
    if (only !== undefined && invocation.task !== only) continue
    invocation.cancelRequested = true
    invocation.deadlineAt = rows.now() + cancelTimeoutMs
    if (invocation.state === 'queued') {
      moveInvocation(rows, invocation, 'withdrawn')
      withdrawn.push(invocation)
    } else {
      rows.emit({ kind: 'cancelSent', invocation })
      signalled.push(invocation)
    }
  }
  return { withdrawn, signalled }
}
