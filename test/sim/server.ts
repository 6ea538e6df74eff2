import { isEnded } from '../../src/core/execution.ts'
import type { InstanceId } from '../../src/core/id.ts'
import { reconcileExecution } from '../../src/core/reconcile-execution.ts'
import type { AgentServer } from './agent.ts'
import { askControl, type Controls, realControls } from './person.ts'
import {
  advancePart,
  endDueParts,
  endInvocation,
  endTasks,
  handOutInvocations,
  listCancelledInvocations,
  updateInvocationProgress,
} from './row-changes.ts'
import type { ExecutionRow, Rows } from './rows.ts'
import { type Decide, reconcile } from './shell.ts'
import type { PersonControl, SimEvent } from './sim-event.ts'
import type { Timeline } from './timeline.ts'

export interface Deciders {
  readonly decide: Decide
  readonly controls: Controls
}

export const realDeciders: Deciders = { decide: reconcileExecution, controls: realControls }

/** What may go wrong between the parts of the server and on the way to agents. */
export interface ServerLuck {
  readonly losesPoke: (execution: ExecutionRow, by: 'agent' | 'person' | 'dispatcher') => boolean
  /** Wakes an agent, or does not. */
  readonly nudge: (instanceId: InstanceId) => void
  /** An agent fetches between the dispatcher's look and its act. */
  readonly fetchesMeanwhile: (instanceId: InstanceId) => boolean
}

export interface SimulatedServer extends AgentServer {
  readonly rows: Rows
  insert(execution: ExecutionRow): void
  ask(execution: ExecutionRow, control: PersonControl, ordinal?: number): void
  /** Looks at every execution that has not ended, as the sweep does. */
  sweep(): void
}

/** The control plane on rows in memory: what the dispatcher, the gateway and the app do with them, with the real decisions of core. */
export function createServer(
  timeline: Timeline,
  deciders: Deciders,
  luck: ServerLuck,
  onEvent: (event: SimEvent, rows: Rows) => void,
): SimulatedServer {
  const rows: Rows = {
    executions: [],
    invocations: new Map(),
    locks: new Map(),
    waits: new Map(),
    now: timeline.now,
    emit: (event) => onEvent(event, rows),
  }
  const wakes = new Map<ExecutionRow, number>()

  function look(execution: ExecutionRow): void {
    const wakeAt = reconcile(rows, execution, deciders.decide, {
      nudge: (instanceIds) => instanceIds.forEach(luck.nudge),
      poke: (freed) => freed.forEach((one) => poke(one, 'dispatcher')),
      meanwhile: ({ overdue }) => {
        for (const { ordinal } of overdue) {
          const task = execution.tasks.find((one) => one.ordinal === ordinal)
          if (task && luck.fetchesMeanwhile(task.instanceId)) handOutInvocations(rows, task.instanceId)
        }
      },
    })
    // As the work engine has it: one waiting piece of work per execution.
    wakes.delete(execution)
    if (wakeAt === undefined) return
    wakes.set(execution, wakeAt)
    timeline.at(wakeAt + 1, () => {
      if (wakes.get(execution) === wakeAt) look(execution)
    })
  }

  const lookSoon = (execution: ExecutionRow) => timeline.at(timeline.now() + 5, () => look(execution))
  function poke(execution: ExecutionRow, by: 'agent' | 'person' | 'dispatcher'): void {
    if (!luck.losesPoke(execution, by)) lookSoon(execution)
  }

  return {
    rows,
    insert(execution) {
      rows.executions.push(execution)
      rows.emit({ kind: 'committed' })
      poke(execution, 'person')
    },
    ask(execution, control, ordinal) {
      const { changed, freed } = askControl(rows, deciders.controls, execution, control, ordinal)
      if (changed) poke(execution, 'person')
      for (const one of freed) poke(one, 'dispatcher')
    },
    sweep() {
      for (const execution of rows.executions) if (!isEnded(execution.status)) lookSoon(execution)
    },
    fetch: (instanceId) => ({
      invocations: handOutInvocations(rows, instanceId).map(({ id }) => id),
      cancelled: listCancelledInvocations(rows, instanceId).map(({ id }) => id),
    }),
    progress: (id, state) => updateInvocationProgress(rows, id, state),
    end(id, state) {
      const ended = endInvocation(rows, id, state)
      if (ended === undefined) return
      const { execution, task, attempt } = ended
      const advanced = state === 'succeeded' ? advancePart(rows, ended) : undefined
      if (advanced && ended.cancelRequested) endDueParts(rows, execution, [task], taskEnds.cancelled, 'agent')
      const freed = advanced ?? endTasks(rows, [{ execution, task, attempt, ...taskEnds[state] }], 'agent')
      rows.emit({ kind: 'committed' })
      for (const one of [execution, ...freed]) poke(one, 'agent')
    },
  }
}

export const taskEnds = {
  succeeded: { status: 'Success', reasonCode: 'Succeeded' },
  failed: { status: 'Failed', reasonCode: 'ScriptFailed' },
  timedOut: { status: 'Failed', reasonCode: 'ScriptTimedOut' },
  cancelled: { status: 'Cancelled', reasonCode: 'CancelledByUser' },
  lost: { status: 'Failed', reasonCode: 'Lost' },
} as const
