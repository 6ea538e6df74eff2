import { type ControlAnswer, decideControl } from '../../src/core/execution/control-execution.ts'
import { isEnded } from '../../src/core/execution/execution.ts'
import {
  type Decision,
  type ExecutionChange,
  type ExecutionState,
  reconcileExecution,
} from '../../src/core/execution/reconcile-execution.ts'
import { totalTasks } from '../../src/core/execution/task-counts.ts'
import { refuseApproval } from '../../src/core/gate/decide-approval.ts'
import { type OpenReconciliation, reconcileOpen } from '../../src/core/instance/reconcile-open.ts'
import type { Reason } from '../../src/core/reason/reason.ts'
import { realControls } from './operator.ts'
import { type Deciders, realDeciders } from './server.ts'

/** A decider with one bug. */
export interface PlantedBug {
  readonly name: string
  readonly deciders: Deciders
  /** Part of the name of the rule that must find it; absent: any rule may. */
  readonly seenBy?: string
  /** First seed of the search, for a bug that appears in few of many seeds; absent: 1. */
  readonly firstSeed?: number
}

/** The real decision on a misread state. */
const misread = (name: string, read: (state: ExecutionState) => ExecutionState, seenBy?: string): PlantedBug => ({
  name,
  deciders: { ...realDeciders, decide: (state, now) => reconcileExecution(read(state), now) },
  ...(seenBy === undefined ? {} : { seenBy }),
})

/** The real decision, with a bug. */
const spoil = (
  name: string,
  change: (decision: Decision, state: ExecutionState) => Decision,
  seenBy?: string,
): PlantedBug => ({
  name,
  deciders: { ...realDeciders, decide: (state, now) => change(reconcileExecution(state, now), state) },
  ...(seenBy === undefined ? {} : { seenBy }),
})

const spoilChanges = (
  name: string,
  change: (change: ExecutionChange, state: ExecutionState) => ExecutionChange | undefined,
  seenBy?: string,
) =>
  spoil(
    name,
    (decision, state) => ({ ...decision, changes: decision.changes.flatMap((one) => change(one, state) ?? []) }),
    seenBy,
  )

const miscontrol = (name: string, controls: Partial<Deciders['controls']>, seenBy?: string): PlantedBug => ({
  name,
  deciders: { ...realDeciders, controls: { ...realDeciders.controls, ...controls } },
  ...(seenBy === undefined ? {} : { seenBy }),
})

const misreconcile = (
  name: string,
  change: (answer: OpenReconciliation) => OpenReconciliation,
  seenBy: string,
): PlantedBug => ({
  name,
  deciders: { ...realDeciders, reconcileOpen: (known, agent) => change(reconcileOpen(known, agent)) },
  seenBy,
})

const misjudge = (name: string, absence: Partial<Deciders['absence']>, seenBy: string): PlantedBug => ({
  name,
  deciders: { ...realDeciders, absence: { ...realDeciders.absence, ...absence } },
  seenBy,
})

const withRates = (state: ExecutionState, rates: Partial<ExecutionState['rateControl']>): ExecutionState => ({
  ...state,
  rateControl: { ...state.rateControl, ...rates },
})

const runningAsEnded = (state: ExecutionState): ExecutionState => ({
  ...state,
  counts: state.counts.map((row) => (row.status === 'Running' ? { ...row, status: 'Success' } : row)),
})

const withoutStatus = (answer: ControlAnswer): ControlAnswer => {
  if ('refusal' in answer) return answer
  const { resumed: _resumed, ...change } = answer.change
  return { change }
}

export const plantedBugs: readonly PlantedBug[] = [
  misread('Next_part_never_begun', (state) => ({ ...state, partsDue: [] }), 'could start'),
  misread('Waiting_part_forgotten', (state) => ({ ...state, partsWaiting: [] })),
  spoilChanges('Cancel_does_not_end_parts', (change, { partsDue }) =>
    change.kind === 'endParts' ? { kind: 'continue', ordinals: partsDue, why: '' } : change,
  ),
  misread(
    'Concurrency_off_by_one',
    (state) => withRates(state, { concurrency: state.rateControl.concurrency + 1 }),
    'concurrency',
  ),
  misread(
    'Concurrency_one_too_few',
    (state) => withRates(state, { concurrency: Math.max(1, state.rateControl.concurrency - 1) }),
    'place is left free',
  ),
  misread('Budget_one_too_many', (state) => withRates(state, { maxErrors: state.rateControl.maxErrors + 1 })),
  misread(
    'Budget_spent_at_the_last_allowed_failure',
    (state) => withRates(state, { maxErrors: state.rateControl.maxErrors - 1 }),
    'the error budget is spent only when it is',
  ),
  misread('Budget_forgotten', (state) => withRates(state, { maxErrors: Number.POSITIVE_INFINITY })),
  misread('Pause_ignored', (state) => ({ ...state, pauseRequested: false }), 'while paused'),
  misread(
    'Failure_not_asked_about',
    (state) => ({ ...state, acceptedFailures: Number.POSITIVE_INFINITY }),
    'failure is not accepted',
  ),
  misread('Batch_pause_not_asked', (state) => withRates(state, { batchPause: 'Automatic' }), 'batch pause'),
  misread('Cancel_ignored', (state) => ({ ...state, cancelRequested: false }), 'after a cancel'),
  misread('Cancel_tells_nobody_to_stop', (state) => ({ ...state, unstopped: 0 }), 'within the cancel time'),
  misread('Overdue_forgotten', (state) => ({ ...state, overdue: [] })),
  misread(
    'Blocked_tasks_hold_up_those_behind',
    (state) => (state.blocked > 0 ? { ...state, candidates: [] } : state),
    'place is left free',
  ),
  spoil(
    'Batch_opens_when_the_one_before_has_started',
    (decision, { counts, openBatch }) => {
      const starting = decision.changes.reduce(
        (sum, change) => sum + (change.kind === 'start' ? change.ordinals.length : 0),
        0,
      )
      const open = totalTasks(counts, ({ batch }) => batch <= openBatch)
      if (starting === 0 || starting < open.Pending || totalTasks(counts).Pending === starting) return decision
      return {
        ...decision,
        changes: [...decision.changes, { kind: 'openBatch', batch: openBatch + 1, why: 'too early' }],
        again: true,
      }
    },
    'earlier batches',
  ),
  misread('Ends_while_one_still_runs', (state) =>
    totalTasks(state.counts).Pending === 0 ? runningAsEnded(state) : state,
  ),
  misread('Ended_goes_on', (state) => (isEnded(state.status) ? { ...state, status: 'Running' } : state)),
  spoil('Never_wakes', ({ changes, again }) => ({ changes, again })),
  spoil(
    'Waiting_execution_never_wakes',
    (decision, state) => (state.status === 'Waiting' ? { changes: decision.changes, again: decision.again } : decision),
    'wakes by itself',
  ),
  spoil(
    'Wakes_only_for_deadlines',
    ({ changes, again }, state) => ({
      changes,
      again,
      ...(state.nextDeadlineAt === undefined ? {} : { wakeAt: state.nextDeadlineAt }),
    }),
    'wakes by itself',
  ),
  spoil('Always_again', (decision, state) => ({ ...decision, again: !isEnded(state.status) }), 'comes to rest'),
  spoil('Never_again', (decision) => ({ ...decision, again: false }), 'twice changes nothing'),
  spoil(
    'Says_its_status_every_time',
    (decision, { status, reasonCode, reason }) =>
      isEnded(status) || decision.changes.length > 0
        ? decision
        : { ...decision, changes: [{ kind: 'setStatus', status, reasonCode, reason }] },
    'twice changes nothing',
  ),
  spoilChanges(
    'Skipped_counts_as_success',
    (change) =>
      change.kind === 'setStatus' && change.reasonCode === 'TargetsSkipped' ? { ...change, status: 'Success' } : change,
    'all planned tasks succeeded',
  ),
  spoilChanges(
    'Left_out_counts_as_failure',
    (change) =>
      change.kind === 'setStatus' && change.reasonCode === 'TargetsLeftOut' ? { ...change, status: 'Failed' } : change,
    'all planned tasks succeeded',
  ),
  spoilChanges(
    'Accepted_failures_count_as_failure',
    (change) =>
      change.kind === 'setStatus' && change.reasonCode === 'FailuresAccepted'
        ? { ...change, status: 'Failed' }
        : change,
    'all planned tasks succeeded',
  ),
  misread('Strict_forgotten', (state) => ({ ...state, strict: false }), 'all planned tasks succeeded'),
  misread(
    'Every_failure_is_accepted',
    (state) =>
      totalTasks(state.counts).Pending === 0 ? withRates(state, { maxErrors: Number.MAX_SAFE_INTEGER }) : state,
    'all planned tasks succeeded',
  ),
  spoilChanges(
    'Spent_budget_reads_as_cancelled',
    (change) =>
      change.kind === 'setStatus' && change.status === 'Failed' ? { ...change, status: 'Cancelled' } : change,
    'Cancelled only on request',
  ),
  spoilChanges(
    'Verdict_forgets_who_was_cancelled',
    (change) =>
      change.kind === 'setStatus' && isEnded(change.status)
        ? { ...change, reason: withoutCancelled(change.reason) }
        : change,
    'every target',
  ),
  spoilChanges(
    'Lost_reads_as_unreachable',
    (change) =>
      change.kind === 'endTask' && change.end.reasonCode === 'Lost'
        ? { ...change, end: { ...change.end, reasonCode: 'Unreachable' } }
        : change,
    'Unreachable was never handed out',
  ),
  spoilChanges('Question_grows_old', (change, state) =>
    change.kind === 'setStatus' &&
    change.status === state.status &&
    change.reasonCode === state.reasonCode &&
    state.status === 'Waiting'
      ? undefined
      : change,
  ),
  spoilChanges('Pending_stays_after_the_budget', (change) => (change.kind === 'endPending' ? undefined : change)),
  miscontrol(
    'Resuming_twice_opens_two_batches',
    { controlExecution: (execution, control) => withoutStatus(decideControl(execution, control)) },
    'earlier batches',
  ),
  miscontrol(
    'Resume_after_the_end',
    {
      controlExecution: (execution, control) =>
        control === 'resume' && execution.pauseRequested
          ? { change: { pauseRequested: false } }
          : decideControl(execution, control),
    },
    'changes no more',
  ),
  miscontrol(
    'Resume_skips_a_batch',
    {
      controlExecution: (execution, control) => {
        const answer = decideControl(execution, control)
        return 'change' in answer && answer.change.openBatch !== undefined
          ? { change: { ...answer.change, openBatch: answer.change.openBatch + 1 } }
          : answer
      },
    },
    'earlier batches',
  ),
  miscontrol(
    'Retry_while_it_runs',
    {
      controlTasks: (execution, tasks, control) =>
        realControls.controlTasks({ ...execution, status: 'Waiting' }, tasks, control),
    },
    'changes no more',
  ),
  miscontrol(
    'Retry_leaves_the_failure_accepted',
    {
      controlTasks: (execution, tasks, control) => {
        const answer = realControls.controlTasks(execution, tasks, control)
        if ('refusal' in answer) return answer
        const { acceptedFailures: _acceptedFailures, ...change } = answer.change
        return { change }
      },
    },
    'failure is not accepted',
  ),
  miscontrol(
    'Retry_in_debug_mode_starts_by_itself',
    {
      controlTasks: (execution, tasks, control) => {
        const answer = realControls.controlTasks(execution, tasks, control)
        const [task] = tasks
        if ('refusal' in answer || control !== 'retryTask' || execution.mode !== 'Debug' || !task) return answer
        return { change: { ...answer.change, namedOrdinal: task.ordinal } }
      },
    },
    'that the operator named',
  ),
  miscontrol(
    'Resume_accepts_what_nobody_was_asked_about',
    {
      controlExecution: (execution, control) => {
        const answer = decideControl(execution, control)
        const accepts = 'change' in answer && answer.change.pauseRequested === false
        return accepts ? { change: { ...answer.change, acceptedFailures: execution.failedCount } } : answer
      },
    },
    'failure is not accepted',
  ),
  spoilChanges(
    'Late_cancel_hides_a_spent_budget',
    (change, { cancelRequested, counts }) =>
      change.kind === 'setStatus' && change.status === 'Failed' && cancelRequested && totalTasks(counts).Cancelled > 0
        ? { ...change, status: 'Cancelled' }
        : change,
    'Cancelled only on request',
  ),
  // A fetch repeats cancels as well, so this appears in 6 of 40,000 seeds.
  {
    ...misreconcile('Welcome_forgets_cancels', (answer) => ({ ...answer, cancelled: [] }), 'never starts after'),
    firstSeed: 12_000,
  },
  misread('Gates_ignored', (state) => withRates(state, { gates: [] }), 'before its gates hold'),
  misread(
    'Soak_cut_short',
    ({ gate, ...state }) => ({ ...state, ...(gate && { gate: { ...gate, beganAt: gate.beganAt - 1_000 } }) }),
    'before its gates hold',
  ),
  misread(
    'Only_the_first_gate_counts',
    (state) => withRates(state, { gates: (state.rateControl.gates ?? []).slice(0, 1) }),
    'before its gates hold',
  ),
  misread(
    'A_gate_of_an_earlier_batch_counts',
    ({ gate, ...state }) => ({ ...state, ...(gate && { gate: { ...gate, batch: state.openBatch } }) }),
    'before its gates hold',
  ),
  misread(
    'Failed_gate_opens',
    ({ gate, ...state }) => ({
      ...state,
      ...(gate && { gate: gate.outcome === 'failed' ? { ...gate, outcome: 'passed' as const } : gate }),
    }),
    'before its gates hold',
  ),
  {
    name: 'Own_approval_counts',
    deciders: {
      ...realDeciders,
      refuseApproval: (gate, progress, user, approves) =>
        refuseApproval(gate, progress, { ...user, startedBy: '' }, approves),
    },
    seenBy: 'before its gates hold',
  },
  spoil(
    'Gate_never_wakes',
    ({ wakeAt: _, ...decision }, { reasonCode }) =>
      reasonCode === 'GateWait' ? decision : { ...decision, ...(_ === undefined ? {} : { wakeAt: _ }) },
    'waits at a gate wakes',
  ),
  misreconcile('Welcome_forgets_what_is_over', (answer) => ({ ...answer, over: [] }), 'never starts after'),
  misreconcile('Welcome_asks_for_nothing', (answer) => ({ ...answer, wanted: [] }), 'every end that the server lacks'),
  misjudge('Absence_is_charged', { deadlineAfterAbsence: (deadlineAt) => deadlineAt }, 'absence of the servers'),
  misjudge(
    'Agents_are_not_heard_first',
    { deadlineAfterAbsence: (deadlineAt, { gapMs }) => deadlineAt + gapMs },
    'absence of the servers',
  ),
  misjudge('Absence_unnoticed', { isAbsence: () => false }, 'absence of the servers'),
  misjudge('Silence_judged_at_once', { mayJudgeSilence: () => true }, 'absence of the servers'),
  {
    name: 'Late_end_refused',
    deciders: { ...realDeciders, mayMove: (from, to) => from !== 'lost' && realDeciders.mayMove(from, to) },
    seenBy: 'end that it acknowledged',
  },
]

const withoutCancelled = (reason: Reason): Reason =>
  reason.map((message) =>
    message.code === 'Outcome'
      ? { ...message, arguments: { items: message.arguments.items.filter(({ kind }) => kind !== 'cancelled') } }
      : message,
  )
