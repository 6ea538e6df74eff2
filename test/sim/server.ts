import { deadlineAfterAbsence, isAbsence, mayJudgeSilence } from '../../src/core/execution/absence.ts'
import { isEnded } from '../../src/core/execution/execution.ts'
import { type InvocationState, invocationMoves } from '../../src/core/execution/invocation.ts'
import { reconcileExecution } from '../../src/core/execution/reconcile-execution.ts'
import { refuseApproval } from '../../src/core/gate/decide-approval.ts'
import type { GateProgress } from '../../src/core/gate/gate.ts'
import type { InstanceId, InvocationId } from '../../src/core/id.ts'
import { reconcileOpen } from '../../src/core/instance/reconcile-open.ts'
import type { AgentServer, EndState } from './agent.ts'
import { askControl, type Controls, realControls } from './operator.ts'
import { type AbsenceDeciders, createPresence } from './presence.ts'
import {
  advancePart,
  endDueParts,
  endInvocation,
  endTasks,
  extendDeadlines,
  handOutInvocations,
  listCancelledInvocations,
  listKnownInvocations,
  settleUnknown,
  updateInvocationProgress,
} from './row-changes.ts'
import type { ExecutionRow, Rows } from './rows.ts'
import { type Decide, reconcile } from './shell.ts'
import type { OperatorControl, SimEvent } from './sim-event.ts'
import type { Timeline } from './timeline.ts'

export interface Deciders {
  readonly decide: Decide
  readonly controls: Controls
  readonly reconcileOpen: typeof reconcileOpen
  readonly absence: AbsenceDeciders
  readonly refuseApproval: typeof refuseApproval
  readonly mayMove: (from: InvocationState, to: InvocationState) => boolean
}

export const realDeciders: Deciders = {
  decide: reconcileExecution,
  controls: realControls,
  reconcileOpen,
  refuseApproval,
  absence: { deadlineAfterAbsence, isAbsence, mayJudgeSilence },
  mayMove: (from, to) => (invocationMoves[from] as readonly InvocationState[]).includes(to),
}

/** Failures between the parts of the server and on the way to agents. */
export interface ServerLuck {
  /** Whether the address of a gate answers well. */
  readonly gateHolds: (execution: ExecutionRow) => boolean
  readonly losesPoke: (execution: ExecutionRow, by: 'agent' | 'operator' | 'dispatcher') => boolean
  /** Wakes an agent, or is lost. */
  readonly nudge: (instanceId: InstanceId) => void
  /** An agent fetches between the dispatcher's read and its write. */
  readonly fetchesMeanwhile: (instanceId: InstanceId) => boolean
}

export interface SimulatedServer extends AgentServer {
  readonly rows: Rows
  insert(execution: ExecutionRow): void
  ask(execution: ExecutionRow, control: OperatorControl, ordinal?: number): void
  /** A user approves the next batch; `starter` is the one who started the execution. */
  approve(execution: ExecutionRow, user: string): void
  /**
   * All servers are away; their pending work is done when one is back. `frozen`: the same processes
   * continue, and only then record their presence.
   */
  goAway(forMs: number, frozen: boolean): void
  /** Reconciles every open execution, like the sweep. */
  sweep(): void
}

/**
 * The control plane on rows in memory: the actions of dispatcher, gateway and app, with the real
 * decisions of core.
 */
export function createServer(
  timeline: Timeline,
  deciders: Deciders,
  luck: ServerLuck,
  onEvent: (event: SimEvent, rows: Rows) => void,
): SimulatedServer {
  const presence = createPresence(timeline.now, deciders.absence)
  const deferred = new Set<() => void>()
  const whenUp = (action: () => void) => (presence.isUp() ? action() : void deferred.add(action))
  const rows: Rows = {
    executions: [],
    invocations: new Map(),
    locks: new Map(),
    waits: new Map(),
    now: timeline.now,
    mayJudge: presence.mayJudge,
    emit: (event) => {
      if (event.kind === 'gateBegan') checkLater(event.execution)
      onEvent(event, rows)
    },
  }
  const wakes = new Map<ExecutionRow, number>()

  /** As servers do with gates that have an address, until the gate is decided. */
  function checkLater(execution: ExecutionRow): void {
    const { gate: progress } = execution
    if (!progress || execution.rateControl.gates?.[progress.gate]?.kind !== 'http') return
    timeline.at(timeline.now() + gateCheckEveryMs, () =>
      whenUp(() => {
        const isCurrent = execution.gate?.beganAt === progress.beganAt && execution.gate.gate === progress.gate
        if (!isCurrent || execution.gate?.outcome !== undefined || isEnded(execution.status)) return
        const holds = luck.gateHolds(execution)
        execution.gate = {
          ...execution.gate,
          observation: holds ? { holds } : { holds, status: 503 },
          observedAt: timeline.now(),
        } as GateProgress
        rows.emit({ kind: 'gateSeen', execution, holds })
        poke(execution, 'operator')
        checkLater(execution)
      }),
    )
  }

  const look = (execution: ExecutionRow): void => whenUp(() => lookNow(execution))
  function lookNow(execution: ExecutionRow): void {
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
    // Like the work engine: one waiting job per execution.
    wakes.delete(execution)
    if (wakeAt === undefined) return
    wakes.set(execution, wakeAt)
    timeline.at(wakeAt + 1, () => {
      if (wakes.get(execution) === wakeAt) look(execution)
    })
  }

  const lookSoon = (execution: ExecutionRow) => timeline.at(timeline.now() + 5, () => look(execution))
  function poke(execution: ExecutionRow, by: 'agent' | 'operator' | 'dispatcher'): void {
    if (!luck.losesPoke(execution, by)) lookSoon(execution)
  }

  function receiveEnd(id: InvocationId, state: EndState): void {
    const ended = endInvocation(rows, id, state, deciders.mayMove)
    if (ended === undefined) return
    const { execution, task, attempt } = ended
    const advanced = state === 'succeeded' ? advancePart(rows, ended) : undefined
    if (advanced && ended.cancelRequested) endDueParts(rows, execution, [task], taskEnds.cancelled, 'agent')
    const freed = advanced ?? endTasks(rows, [{ execution, task, attempt, ...taskEnds[state] }], 'agent')
    rows.emit({ kind: 'committed' })
    for (const one of [execution, ...freed]) poke(one, 'agent')
  }

  return {
    rows,
    insert(execution) {
      whenUp(() => {
        rows.executions.push(execution)
        rows.emit({ kind: 'committed' })
        poke(execution, 'operator')
      })
    },
    goAway(forMs, frozen) {
      if (!presence.isUp()) return
      presence.leave(rows)
      timeline.at(timeline.now() + forMs, () => {
        presence.returnFromAbsence(rows)
        if (!frozen) presence.note(rows, true)
        const waiting = [...deferred]
        deferred.clear()
        for (const action of waiting) action()
        if (frozen) timeline.at(timeline.now() + frozenMs, () => whenUp(() => presence.note(rows, false)))
      })
    },
    ask(execution, control, ordinal) {
      // A request to a server that is away fails; an operator may retry it.
      if (!presence.isUp()) return
      const { changed, freed } = askControl(rows, deciders.controls, execution, control, ordinal)
      if (changed) poke(execution, 'operator')
      for (const one of freed) poke(one, 'dispatcher')
    },
    approve(execution, user) {
      if (!presence.isUp() || isEnded(execution.status)) return
      const { gate: progress, rateControl } = execution
      const gate = progress?.batch === execution.openBatch ? rateControl.gates?.[progress.gate] : undefined
      const refusal = deciders.refuseApproval(gate, progress, { user, roles: [], startedBy: 'starter' }, true)
      if (gate?.kind !== 'approval') return
      rows.emit({ kind: 'approved', execution, user, accepted: refusal === undefined })
      if (refusal !== undefined || !progress) return
      execution.gate = { ...progress, approvals: [...progress.approvals, { user, approves: true }] }
      poke(execution, 'operator')
    },
    sweep() {
      if (!presence.isUp()) return
      for (const execution of rows.executions) if (!isEnded(execution.status)) lookSoon(execution)
    },
    fetch: (instanceId) => ({
      invocations: handOutInvocations(rows, instanceId).map(({ id }) => id),
      cancelled: listCancelledInvocations(rows, instanceId).map(({ id }) => id),
    }),
    isUp: presence.isUp,
    epoch: presence.epoch,
    hello(instanceId, journal) {
      const named = journal.map(({ id }) => id)
      const known = listKnownInvocations(rows, instanceId, named)
      const answer = deciders.reconcileOpen(known, { open: journal, isComplete: true })
      extendDeadlines(
        rows,
        journal.flatMap(({ id, isEnded }) => (isEnded ? [id] : [])),
      )
      return answer
    },
    welcomed: (instanceId, journal, wanted) =>
      rows.emit({
        kind: 'welcomed',
        instanceId,
        named: journal.map(({ id }) => id),
        open: journal.flatMap(({ id, isEnded }) => (isEnded ? [] : [id])),
        wanted,
      }),
    begun: (id) => rows.emit({ kind: 'scriptBegun', id }),
    acknowledged: (id) => rows.emit({ kind: 'endAcknowledged', id }),
    unknown(id) {
      const state = settleUnknown(rows, id)
      if (state !== undefined) receiveEnd(id, state)
    },
    progress: (id, state) => updateInvocationProgress(rows, id, state),
    end: receiveEnd,
  }
}

const gateCheckEveryMs = 10_000

/** Between the moment when a frozen server continues and the one when it records its presence. */
const frozenMs = 1_000

export const taskEnds = {
  succeeded: { status: 'Success', reasonCode: 'Succeeded' },
  failed: { status: 'Failed', reasonCode: 'ScriptFailed' },
  timedOut: { status: 'Failed', reasonCode: 'ScriptTimedOut' },
  cancelled: { status: 'Cancelled', reasonCode: 'CancelledByUser' },
  lost: { status: 'Failed', reasonCode: 'Lost' },
} as const
