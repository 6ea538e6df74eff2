import type { ExecutionRow, InvocationRow, TaskRow } from './rows.ts'
import { lockKey } from './rows.ts'
import { type Rule, rule } from './rule.ts'

/** Rules about several extensions in order. */

const partsInOrder: Rule = {
  name: 'A part starts after all earlier ones have succeeded, and a succeeded part never starts again',
  create: () => {
    const done = new Map<TaskRow, number>()
    return (event) => {
      if (event.kind === 'partDone') {
        const before = done.get(event.task) ?? 0
        done.set(event.task, before + 1)
        return before === event.part
          ? undefined
          : `part ${event.part} of task ${event.task.ordinal} is done after ${before}`
      }
      if (event.kind !== 'invocationMoved' || event.from !== 'none') return undefined
      const { task, part } = event.invocation
      const expected = done.get(task) ?? 0
      return part === expected ? undefined : `task ${task.ordinal} begins part ${part}; ${expected} are done`
    }
  },
}

/** `succeeded` of the last invocation, which decides the task's end. */
const successIsWhole: Rule = {
  name: 'A task succeeds with its last part, and with no other',
  create: () => {
    const last = new Map<TaskRow, InvocationRow>()
    return (event) => {
      if (event.kind === 'invocationMoved' && event.from === 'none') last.set(event.invocation.task, event.invocation)
      if (event.kind !== 'taskMoved' || event.to !== 'Success') return undefined
      const { execution, task } = event
      const invocation = last.get(task)
      return invocation?.state === 'succeeded' && invocation.part === execution.mutationKeys.length - 1
        ? undefined
        : `task ${task.ordinal} ends with part ${task.part} of ${execution.mutationKeys.length}`
    }
  },
}

const cancelledPartsStop: Rule = {
  name: 'No part begins after a cancel, nor after its task was cancelled',
  create: () => {
    const cancelled = new Set<ExecutionRow>()
    const stopped = new Set<TaskRow>()
    return (event) => {
      if (event.kind === 'cancelSent') stopped.add(event.invocation.task)
      if (event.kind === 'taskMoved' && event.to === 'Running') stopped.delete(event.task)
      if (event.kind === 'partBegun' && stopped.has(event.task)) return `part ${event.part} of a stopped task begins`
      if (event.kind === 'asked' && (event.control === 'cancel' || event.control === 'complete') && event.changed)
        cancelled.add(event.execution)
      return event.kind === 'partBegun' && cancelled.has(event.execution)
        ? `part ${event.part} of task ${event.task.ordinal} begins`
        : undefined
    }
  },
}

const noIdleParts = rule(
  'No part waits that could start, and a part that waits for another execution wakes by itself',
  (event, rows) => {
    if (event.kind !== 'settled') return undefined
    const { execution, wakeAt } = event
    const due = execution.tasks.filter(({ partDue }) => partDue)
    const idle = due.find((task) => !rows.locks.has(lockKey(execution, task)))
    if (idle) return `part ${idle.part} of task ${idle.ordinal} could begin`
    return due.length > 0 && (wakeAt ?? Number.POSITIVE_INFINITY) > rows.now() + 60_000
      ? `${due.length} parts wait and it wakes at ${wakeAt}`
      : undefined
  },
)

export const partRules: readonly Rule[] = [partsInOrder, successIsWhole, cancelledPartsStop, noIdleParts]
