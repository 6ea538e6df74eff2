import { isEnded } from '../../src/core/execution/execution.ts'
import { cancelTimeoutMs, presenceEveryMs, reconnectGraceMs } from '../../src/core/limits.ts'
import { type ExecutionRow, listOpenInvocations, lockKey } from './rows.ts'
import { type Rule, rule } from './rule.ts'

/** Liveness while running; the end of a run checks that everything ends (simulate.ts). */

const comesToRest = rule('Reconciling comes to rest, and reconciling twice changes nothing', (event) => {
  if (event.kind !== 'settled') return undefined
  if (event.exhausted) return `still again after ${event.passes} passes`
  const { changes } = event.secondLook
  return changes.length > 0 ? `a second look wants ${changes.map(({ kind }) => kind).join(', ')}` : undefined
})

const wakesInTime = rule('An execution that waits for an event that may never come wakes by itself', (event, rows) => {
  if (event.kind !== 'settled' || isEnded(event.execution.status)) return undefined
  const { execution, wakeAt } = event
  const wakes = wakeAt ?? Number.POSITIVE_INFINITY
  const open = rows.mayJudge() ? listOpenInvocations(rows, execution) : []
  const overdue = open.find(({ deadlineAt }) => deadlineAt <= rows.now())
  if (overdue) return `${overdue.id} is overdue and was left so`
  const late = open.find(({ deadlineAt }) => deadlineAt < wakes)
  if (late) return `${late.id} is due at ${late.deadlineAt}; it wakes at ${wakeAt}`
  return execution.status === 'Queued' && wakes > rows.now() + 60_000
    ? `it waits for another execution and wakes at ${wakeAt}`
    : undefined
})

/**
 * Names every reason that delays a start; without any of them free places are filled, also behind
 * tasks that wait for another execution.
 */
const noIdlePlaces = rule('No place is left free while a task may start', (event, rows) => {
  if (event.kind !== 'settled') return undefined
  const { execution } = event
  if (
    !['Running', 'Queued', 'Started'].includes(execution.status) ||
    execution.cancelRequested ||
    execution.pauseRequested ||
    execution.mode === 'Debug'
  )
    return undefined
  const failed = execution.tasks.filter(({ status }) => status === 'Failed').length
  if (execution.mode === 'Automatic' && failed > execution.rateControl.maxErrors) return undefined
  const running = execution.tasks.filter(({ status }) => status === 'Running').length
  if (running >= execution.rateControl.concurrency) return undefined
  const working = execution.tasks.filter(({ status }) => status === 'Pending' || status === 'Running')
  const batch = Math.min(...working.map((task) => task.batch))
  const ready = working.find(
    (task) => task.status === 'Pending' && task.batch <= batch && !rows.locks.has(lockKey(execution, task)),
  )
  return ready && `${running} of ${execution.rateControl.concurrency} run and task ${ready.ordinal} could start`
})

/** A poke or a sweep, the cancel timeout, and the passes that end it. */
const cancelledWithinMs = (sweepEveryMs: number | undefined) => cancelTimeoutMs + (sweepEveryMs ?? 0) + 1_000

export const cancelIsQuick = (sweepEveryMs: number | undefined): Rule => ({
  name: 'A cancel ends the execution within the cancel timeout, whether or not any agent is alive',
  create: () => {
    const cancelledAt = new Map<ExecutionRow, number>()
    let isAway = false
    /**
     * Until then agents may reconnect after an outage, also those that were cancelled before it.
     */
    let receivedAt = 0
    return (event, rows) => {
      if (event.kind === 'asked' && (event.control === 'cancel' || event.control === 'complete') && event.changed)
        cancelledAt.set(event.execution, Math.max(rows.now(), receivedAt))
      // Servers that are away cannot end it, and listen to agents first when they are back.
      if (event.kind === 'serverBack') {
        isAway = false
        receivedAt = rows.now() + reconnectGraceMs + 2 * presenceEveryMs
        for (const [execution, at] of cancelledAt)
          cancelledAt.set(execution, at + event.gapMs + reconnectGraceMs + 2 * presenceEveryMs)
      }
      if (event.kind === 'serverLeft') isAway = true
      if (isAway) return undefined
      for (const [execution, at] of cancelledAt) {
        if (isEnded(execution.status)) cancelledAt.delete(execution)
        else if (rows.now() > at + cancelledWithinMs(sweepEveryMs))
          return `${execution.id} is ${execution.status} ${rows.now() - at} ms after`
      }
      return undefined
    }
  },
})

export const progressRules: readonly Rule[] = [comesToRest, wakesInTime, noIdlePlaces]
