import { isTaskEnded } from '../../src/core/execution/execution.ts'
import { isInvocationOpen } from '../../src/core/execution/invocation.ts'
import { type ExecutionRow, lockKey, type TaskRow } from './rows.ts'
import { type Rule, rule } from './rule.ts'
import type { SimEvent } from './sim-event.ts'

type Start = Extract<SimEvent, { kind: 'taskMoved' }>

/**
 * Rules about starts, checked at every single start (task by task, also within one transaction).
 */
const onStart = (event: SimEvent, see: (start: Start) => string | undefined) =>
  event.kind === 'taskMoved' && event.to === 'Running' ? see(event) : undefined

const countStatus = ({ tasks }: ExecutionRow, status: TaskRow['status']) =>
  tasks.filter((task) => task.status === status).length

const concurrencyHolds = rule('Never more tasks run at once than the concurrency', (event) =>
  onStart(event, ({ execution, task }) => {
    const running = countStatus(execution, 'Running')
    const { concurrency } = execution.rateControl
    return running > concurrency ? `task ${task.ordinal} is the ${running}th of ${concurrency}` : undefined
  }),
)

const oneMutation = rule(
  'Never two open invocations of one mutation key on one instance, and the lock is theirs',
  (event, rows) => {
    if (event.kind !== 'committed') return undefined
    const open = new Map<string, string>()
    for (const { id, execution, task, state } of rows.invocations.values()) {
      if (!isInvocationOpen(state)) continue
      const key = lockKey(execution, task)
      const other = open.get(key)
      if (other !== undefined) return `${id} and ${other} are open on ${key}`
      open.set(key, id)
      const lock = rows.locks.get(key)
      if (lock?.execution !== execution || lock.task !== task) return `${id} is open without the lock ${key}`
    }
    return rows.locks.size > open.size ? `${rows.locks.size} locks for ${open.size} open invocations` : undefined
  },
)

/**
 * Exactly: when a task of batch n starts, every task of the batches before has ended at least once.
 * A task that an operator reopened (retry) has, so it may run beside later batches; no other may.
 */
const batchesInOrder: Rule = {
  name: 'No task starts before every task of earlier batches has ended once',
  create: () => {
    const ended = new Set<TaskRow>()
    return (event) => {
      if (event.kind === 'taskMoved' && isTaskEnded(event.to)) ended.add(event.task)
      return onStart(event, ({ execution, task }) => {
        const early = execution.tasks.find(
          (one) => one.batch < task.batch && !isTaskEnded(one.status) && !ended.has(one),
        )
        return (
          early &&
          `task ${task.ordinal} of batch ${task.batch}; task ${early.ordinal} of batch ${early.batch} is ${early.status}`
        )
      })
    }
  },
}

/** The highest batch such that it and all before it have ended once. */
const findDoneThrough = (execution: ExecutionRow, ended: ReadonlySet<TaskRow>) => {
  const left = execution.tasks.filter((task) => !isTaskEnded(task.status) && !ended.has(task)).map(({ batch }) => batch)
  return Math.min(...left, execution.rateControl.batchSizes.length + 1) - 1
}

const batchPauseAsks: Rule = {
  name: 'With a batch pause, no task of the next batch starts before an operator resumes after the end of the previous one',
  create: () => {
    const ended = new Set<TaskRow>()
    const resumedThrough = new Map<ExecutionRow, number>()
    return (event) => {
      if (event.kind === 'taskMoved' && isTaskEnded(event.to)) ended.add(event.task)
      if (event.kind === 'asked' && event.control === 'resume' && event.waitingFor === 'BatchPause') {
        resumedThrough.set(event.execution, findDoneThrough(event.execution, ended))
      }
      return onStart(event, ({ execution, task }) => {
        const { batchPause } = execution.rateControl
        const asks = batchPause === 'EveryBatchPause' || (batchPause === 'FirstBatchPause' && task.batch === 2)
        const through = resumedThrough.get(execution) ?? 0
        return asks && task.batch > through + 1
          ? `task ${task.ordinal} of batch ${task.batch}; resumed after ${through}`
          : undefined
      })
    }
  },
}

const budgetStops = rule('Nothing starts when more tasks have failed than may (Automatic)', (event) =>
  onStart(event, ({ execution, task }) => {
    const failed = countStatus(execution, 'Failed')
    const { maxErrors } = execution.rateControl
    return execution.mode === 'Automatic' && failed > maxErrors
      ? `task ${task.ordinal} after ${failed} of ${maxErrors}`
      : undefined
  }),
)

const cancelStops: Rule = {
  name: 'Nothing starts after a cancel',
  create: () => {
    const cancelled = new Set<ExecutionRow>()
    return (event) => {
      if (event.kind === 'asked' && (event.control === 'cancel' || event.control === 'complete') && event.changed)
        cancelled.add(event.execution)
      return onStart(event, ({ execution, task }) =>
        cancelled.has(execution) ? `task ${task.ordinal} starts` : undefined,
      )
    }
  },
}

const pauseStops: Rule = {
  name: 'Nothing starts while paused',
  create: () => {
    const paused = new Set<ExecutionRow>()
    return (event) => {
      if (event.kind === 'asked' && event.refusal === undefined) {
        if (event.control === 'pause') paused.add(event.execution)
        if (event.control === 'resume') paused.delete(event.execution)
      }
      return onStart(event, ({ execution, task }) =>
        paused.has(execution) ? `task ${task.ordinal} starts` : undefined,
      )
    }
  },
}

/**
 * Accepted: it had failed when an operator last answered the request about failures, or retried or
 * skipped one.
 */
const looksAtFailures = ({ control, waitingFor }: Extract<SimEvent, { kind: 'asked' }>) =>
  control === 'retryTask' || control === 'skipTask' || (control === 'resume' && waitingFor === 'FailurePause')

const failureAsks: Rule = {
  name: 'Nothing starts while a failure is not accepted (FailurePause)',
  create: () => {
    const seen = new Set<TaskRow>()
    return (event) => {
      if (event.kind === 'asked' && event.refusal === undefined && looksAtFailures(event)) {
        for (const task of event.execution.tasks) if (task.status === 'Failed') seen.add(task)
      }
      if (event.kind === 'taskMoved' && event.to === 'Failed') seen.delete(event.task)
      return onStart(event, ({ execution, task }) => {
        if (execution.mode !== 'FailurePause') return undefined
        const unseen = execution.tasks.find((one) => one.status === 'Failed' && !seen.has(one))
        return unseen && `task ${task.ordinal} starts; the failure of task ${unseen.ordinal} is not accepted`
      })
    }
  },
}

const namedByOperator: Rule = {
  name: 'In Debug mode only tasks start that the operator named, once per request, and one task at a time',
  create: () => {
    const named = new Set<TaskRow>()
    return (event) => {
      if (event.kind === 'asked' && event.control === 'runTask' && event.refusal === undefined) {
        for (const task of event.execution.tasks) if (task.ordinal === event.ordinal) named.add(task)
      }
      return onStart(event, ({ execution, task }) => {
        if (execution.mode !== 'Debug') return undefined
        if (!named.delete(task)) return `task ${task.ordinal} starts by itself`
        const running = countStatus(execution, 'Running')
        return running > 1 ? `task ${task.ordinal} is the ${running}th at once` : undefined
      })
    }
  },
}

export const startRules: readonly Rule[] = [
  namedByOperator,
  concurrencyHolds,
  oneMutation,
  batchesInOrder,
  batchPauseAsks,
  budgetStops,
  cancelStops,
  pauseStops,
  failureAsks,
]
