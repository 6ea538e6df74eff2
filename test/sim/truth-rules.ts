import { executionMoves, isEnded, isTaskEnded, taskMoves } from '../../src/core/execution/execution.ts'
import { invocationMoves, isInvocationOpen } from '../../src/core/execution/invocation.ts'
import { renderEnglishReason } from '../../src/core/reason/english-reasons.ts'
import { type ExecutionRow, type InvocationRow, listOpenInvocations, waitKey } from './rows.ts'
import { type Rule, rule } from './rule.ts'
import type { OperatorControl } from './sim-event.ts'

/** Rules about reported results and ends. */

const movesAreInTheTables = rule('Every move is in the table of moves', (event) => {
  if (event.kind === 'taskMoved' && !taskMoves[event.from].includes(event.to))
    return `task ${event.task.ordinal}: ${event.from} -> ${event.to}`
  if (event.kind === 'invocationMoved' && event.from !== 'none' && !invocationMoves[event.from].includes(event.to))
    return `${event.invocation.id}: ${event.from} -> ${event.to}`
  if (event.kind !== 'statusSet' || event.from === event.to) return undefined
  return executionMoves[event.from].includes(event.to)
    ? undefined
    : `${event.execution.id}: ${event.from} -> ${event.to}`
})

/** A late answer is recorded beside the result; statuses, reasons and controls do not change. */
const endedIsOver = rule(
  'An ended execution or task changes no more, except a failed task that an operator reopens',
  (event) => {
    if (event.kind === 'statusSet') return isEnded(event.from) ? `${event.execution.id} was ${event.from}` : undefined
    if (event.kind === 'asked')
      return event.changed && isEnded(event.execution.status) ? `${event.control} of an ended execution` : undefined
    if (event.kind !== 'taskMoved') return undefined
    if (isEnded(event.execution.status)) return `task ${event.task.ordinal} of an ended execution`
    if (!isTaskEnded(event.from)) return undefined
    const reopened = event.by === 'operator' && event.from === 'Failed' && event.execution.status === 'Waiting'
    return reopened ? undefined : `task ${event.task.ordinal} was ${event.from}`
  },
)

const endedIsClean = rule('An ended execution has no open task, invocation, lock or wait', (event, rows) => {
  if (event.kind !== 'committed') return undefined
  for (const execution of rows.executions) {
    if (!isEnded(execution.status)) continue
    const task = execution.tasks.find(({ status }) => !isTaskEnded(status))
    if (task) return `task ${task.ordinal} is ${task.status}`
    if (listOpenInvocations(rows, execution).length > 0) return 'an invocation is open'
    if ([...rows.locks.values()].some((lock) => lock.execution === execution)) return 'a lock is held'
    if (execution.tasks.some((one) => rows.waits.has(waitKey(execution, one)))) return 'a wait is left'
  }
  return undefined
})

const oneInvocationEach = rule(
  'Every running task has one open invocation, or none between two parts; every other none',
  (event, rows) => {
    if (event.kind !== 'committed') return undefined
    const open = new Map<unknown, number>()
    for (const { task, state } of rows.invocations.values())
      if (isInvocationOpen(state)) open.set(task, (open.get(task) ?? 0) + 1)
    for (const { id, tasks } of rows.executions) {
      const wrong = tasks.find((task) => (open.get(task) ?? 0) !== (task.status === 'Running' && !task.partDue ? 1 : 0))
      if (wrong) return `${id} task ${wrong.ordinal} is ${wrong.status} with ${open.get(wrong) ?? 0}`
    }
    return undefined
  },
)

const countsAreTrue = rule('Counters equal the tasks, per batch, status and reason', (event, rows) => {
  if (event.kind !== 'committed') return undefined
  for (const { id, tasks, counts } of rows.executions) {
    const real = new Map<string, number>()
    for (const { batch, status, reasonCode } of tasks) {
      const key = `${batch} ${status} ${reasonCode}`
      real.set(key, (real.get(key) ?? 0) + 1)
    }
    for (const key of new Set([...real.keys(), ...counts.keys()])) {
      const counted = counts.get(key)?.count ?? 0
      if (counted !== (real.get(key) ?? 0)) return `${id} counts ${counted} ${key}, there are ${real.get(key) ?? 0}`
    }
  }
  return undefined
})

const sumOf = (sentence: string) => {
  const outcome = sentence.replaceAll(/\([^)]*\)/g, '')
  return [...outcome.matchAll(/(\d+) /g)].reduce((sum, [, count]) => sum + Number(count), 0)
}

const cancels = (control: OperatorControl) => control === 'cancel' || control === 'complete'

/** By the tasks themselves, not by the counters that decide the result. */
function hasSucceeded({ tasks, strict, mode, rateControl, acceptedFailures }: ExecutionRow): boolean {
  const good = tasks.filter(({ status }) => status === 'Success').length
  if (strict || good === 0)
    return tasks.every(
      ({ status, reasonCode }) =>
        status === 'Success' || (!strict && status === 'Skipped' && reasonCode === 'NotInstalled'),
    )
  const failed = tasks.filter(({ status }) => status === 'Failed').length
  const isStopped = tasks.some(({ status }) => status === 'Cancelled')
  return !isStopped && failed <= (mode === 'FailurePause' ? acceptedFailures : rateControl.maxErrors)
}

const verdictIsTrue: Rule = {
  name: 'Success if and only if all planned tasks succeeded except accepted failures (strict: every task), Cancelled only on request, and the reason counts every target',
  create: () => {
    const cancelled = new Set<ExecutionRow>()
    return (event) => {
      if (event.kind === 'asked' && cancels(event.control) && event.changed) cancelled.add(event.execution)
      if (event.kind !== 'statusSet' || !isEnded(event.to)) return undefined
      const { execution, to, reason } = event
      const isGood = hasSucceeded(execution)
      if (isGood !== (to === 'Success')) return `${to} although it has ${isGood ? '' : 'not '}succeeded`
      if (to === 'Cancelled' && !cancelled.has(execution)) return 'Cancelled although nobody asked'
      const stopped = execution.tasks.some(
        ({ status, reasonCode }) =>
          status === 'Cancelled' && reasonCode !== 'ErrorBudgetSpent' && reasonCode !== 'GateFailed',
      )
      if (cancelled.has(execution) && stopped !== (to === 'Cancelled'))
        return `${to} although the cancel stopped ${stopped ? 'something' : 'nothing'}`
      if (sumOf(reason) !== execution.tasks.length)
        return `"${reason}" names ${sumOf(reason)} of ${execution.tasks.length} targets`
      const unnamed = execution.tasks.find(
        ({ status, reasonCode: code }) =>
          status !== 'Success' && !reason.includes(code === 'NotInstalled' ? 'not installed' : code),
      )
      return unnamed && `"${reason}" hides ${unnamed.reasonCode}`
    }
  },
}

const reasonsAreTrue: Rule = {
  name: 'Unreachable was never handed out, Lost was, the error budget is spent only when it is, CancelUnconfirmed had a cancel',
  create: () => {
    const handedOut = new Set<InvocationRow>()
    return (event, rows) => {
      if (event.kind === 'invocationMoved' && event.to === 'sent') handedOut.add(event.invocation)
      if (event.kind !== 'taskMoved' || event.by !== 'dispatcher') return undefined
      const { execution, task, from, to, reasonCode } = event
      if (reasonCode === 'ErrorBudgetSpent') {
        const failed = execution.tasks.filter(({ status }) => status === 'Failed').length
        return failed > execution.rateControl.maxErrors ? undefined : `task ${task.ordinal}: only ${failed} failed`
      }
      if (reasonCode === 'GateFailed') {
        return execution.gate?.outcome === 'failed' && execution.rateControl.onGateFailure !== 'pause'
          ? undefined
          : `task ${task.ordinal}: no gate failed`
      }
      if (from === 'Pending' && to === 'Cancelled')
        return execution.cancelRequested ? undefined : `task ${task.ordinal}: nobody asked`
      if (from !== 'Running') return undefined
      const last = [...rows.invocations.values()].filter((row) => row.task === task).at(-1)
      if (last?.state === 'succeeded')
        return reasonCode === 'CancelledByUser' && execution.cancelRequested
          ? undefined
          : `task ${task.ordinal} is ${reasonCode} between two parts`
      const wasHandedOut = last !== undefined && handedOut.has(last)
      const wasCancelled = last?.cancelRequested === true
      const wrong =
        (reasonCode === 'Unreachable' && wasHandedOut) ||
        (reasonCode === 'Lost' && (!wasHandedOut || wasCancelled)) ||
        (reasonCode === 'CancelUnconfirmed' && !(wasHandedOut && wasCancelled)) ||
        (reasonCode === 'CancelledByUser' && (wasHandedOut || !wasCancelled))
      return wrong
        ? `task ${task.ordinal} is ${reasonCode}; handed out: ${wasHandedOut}, cancelled: ${wasCancelled}`
        : undefined
    }
  },
}

/** A request to the operator must be valid, and contain what the operator needs to answer it. */
const waitingReasonsAreTrue = rule(
  'An execution that waits for an operator has the reason, with current counts',
  (event) => {
    if (event.kind !== 'settled' || event.execution.status !== 'Waiting') return undefined
    const { execution } = event
    const { reasonCode, tasks, acceptedFailures, gate } = execution
    // It waits for time, a server or another user; test/sim/gate-rules.ts checks that it wakes.
    if (reasonCode === 'GateWait') return gate && gate.outcome === undefined ? undefined : 'it is at no gate'
    const reason = renderEnglishReason(execution.reason)
    const failed = tasks.filter(({ status }) => status === 'Failed').length
    const due =
      (reasonCode === 'PausedByUser' && execution.pauseRequested) ||
      (reasonCode === 'FailurePause' && execution.mode === 'FailurePause' && failed > acceptedFailures) ||
      (reasonCode === 'DebugPause' && execution.mode === 'Debug') ||
      (reasonCode === 'GateFailed' && gate?.outcome === 'failed') ||
      (reasonCode === 'BatchPause' && execution.rateControl.batchPause !== 'Automatic')
    if (!due) return `${reasonCode} although nothing is asked`
    const outcome = reason.split(/(?:\. |, or cancel\. )/).at(-1) ?? ''
    return sumOf(outcome) === tasks.length && (failed === 0 || outcome.includes(`${failed} failed`))
      ? undefined
      : `"${reason}" with ${failed} failed`
  },
)

export const truthRules: readonly Rule[] = [
  movesAreInTheTables,
  endedIsOver,
  endedIsClean,
  oneInvocationEach,
  countsAreTrue,
  verdictIsTrue,
  reasonsAreTrue,
  waitingReasonsAreTrue,
]
