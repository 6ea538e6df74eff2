import { isEnded, isTaskEnded } from '../../src/core/execution/execution.ts'
import type { ExecutionRow, TaskRow } from './rows.ts'
import type { Rule } from './rule.ts'

/** What was seen at the gates after the latest batch that ended. */
interface Seen {
  readonly batch: number
  readonly endedAt: number
  readonly approvals: Set<string>
  holds: boolean
}

const gatesHold: Rule = {
  name: 'No batch opens before its gates hold: the soak time, a check and enough approvals by others, all after the end of the batch before',
  create: () => {
    const ended = new Set<TaskRow>()
    const seen = new Map<ExecutionRow, Seen>()
    return (event, rows) => {
      if (event.kind === 'taskMoved' && isTaskEnded(event.to)) {
        ended.add(event.task)
        const { execution } = event
        const left = execution.tasks.filter((task) => !isTaskEnded(task.status) && !ended.has(task))
        const batch = Math.min(...left.map((task) => task.batch), execution.rateControl.batchSizes.length + 1) - 1
        if (batch !== (seen.get(execution)?.batch ?? 0))
          seen.set(execution, { batch, endedAt: rows.now(), approvals: new Set(), holds: false })
      }
      if (event.kind === 'approved' && event.accepted) seen.get(event.execution)?.approvals.add(event.user)
      const of = event.kind === 'gateSeen' ? seen.get(event.execution) : undefined
      if (of && event.kind === 'gateSeen' && event.holds) of.holds = true
      if (event.kind !== 'batchOpened' || event.batch === 1) return undefined
      const { gates = [] } = event.execution.rateControl
      const { batch = 0, endedAt = 0, approvals = new Set(), holds = false } = seen.get(event.execution) ?? {}
      if (gates.length > 0 && batch < event.batch - 1) return `batch ${event.batch} opens, ${batch} has ended`
      for (const gate of gates) {
        if (gate.kind === 'soak' && rows.now() - endedAt < gate.durationMs)
          return `batch ${event.batch} opens ${rows.now() - endedAt} ms after the end of the one before`
        if (gate.kind === 'http' && !holds) return `batch ${event.batch} opens, and its check never held`
        const others = [...approvals].filter((user) => user !== 'starter')
        if (gate.kind === 'approval' && others.length < gate.count)
          return `batch ${event.batch} opens with approvals of ${others.join(', ') || 'nobody'}`
      }
      return undefined
    }
  },
}

const gatesWake: Rule = {
  name: 'An execution that waits at a gate wakes by itself before its time is over',
  create: () => (event, rows) => {
    if (event.kind !== 'settled' || isEnded(event.execution.status)) return undefined
    const { execution, wakeAt } = event
    if (execution.reasonCode !== 'GateWait' || execution.pauseRequested) return undefined
    const gate = execution.gate && execution.rateControl.gates?.[execution.gate.gate]
    const untilMs = (execution.gate?.beganAt ?? 0) + (gate?.kind === 'soak' ? gate.durationMs : (gate?.timeoutMs ?? 0))
    return wakeAt === undefined || wakeAt > Math.max(untilMs, rows.now())
      ? `it waits until ${untilMs} and wakes at ${wakeAt}`
      : undefined
  },
}

export const gateRules: readonly Rule[] = [gatesHold, gatesWake]
