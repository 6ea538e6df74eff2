import type { TaskReasonCode } from '../execution/execution.ts'
import type { GateFault } from '../gate/gate-fault.ts'
import type { AgentReasonArguments } from '../install/agent-reason.ts'
import type { AdmissionReasonArguments } from '../instance/admission-reason.ts'
import type { PlanReasonArguments } from '../plan/plan-reason.ts'

/**
 * Why an execution, a task or an attempt is in its state: messages as codes with arguments. Rows and the API carry them;
 * a catalogue of the reader's language renders them at the edge. Empty: there is nothing to say beyond the reason code.
 */
export type Reason = readonly ReasonMessage[]

/**
 * The arguments of each message, besides those of plans, admissions and agents. The set is closed: every catalogue has one
 * text for each code.
 */
export interface ReasonArguments extends PlanReasonArguments, AdmissionReasonArguments, AgentReasonArguments {
  /** What an agent, a script or a program said, or a reason of an earlier release: shown as it is. */
  readonly Text: { readonly text: string }

  // A task of several extensions; parts are numbered from 1.
  readonly Part: PartArguments
  readonly PartDone: PartArguments

  // A task that waits, or that a user decided about.
  readonly WaitsForExecution: { readonly executionId: string }
  readonly RetriedBy: { readonly user: string }
  readonly FailedAndSkippedBy: { readonly user: string }

  // A task whose script requested a reboot.
  readonly Rebooting: NoArguments

  // A task that was cancelled.
  readonly CancelledBeforeStart: NoArguments
  readonly CancelledBeforeStartBy: { readonly user: string }
  readonly CancelledBeforeDelivery: NoArguments
  readonly CancelledBeforeDeliveryBy: { readonly user: string }
  readonly NotStartedBudgetSpent: { readonly failed: number; readonly maxErrors: number }
  readonly StopUnconfirmed: { readonly seconds: number }

  // An invocation that the server could not deliver, or never heard of again.
  readonly HandOutFailed: { readonly error: string }
  readonly HandOutRefused: { readonly error: string }
  readonly RepeatedHandOutRefused: { readonly error: string }
  readonly DeliveryTimedOut: NoArguments
  readonly ReceiptUnconfirmed: NoArguments
  readonly LostBeforeStart: NoArguments
  readonly LostAfterStart: NoArguments
  readonly RebootTimedOut: { readonly minutes: number }
  readonly UnknownUntilBack: NoArguments
  readonly RemovedBeforeStart: NoArguments
  readonly RemovedWhileRunning: NoArguments

  // What an agent answered after the server had given up.
  readonly LateAnswer: { readonly state: string }
  readonly BackWithoutRecord: NoArguments
  readonly BackAndNeverReceived: NoArguments

  // An execution.
  readonly Accepted: NoArguments
  readonly Resumed: NoArguments
  readonly TaskNamed: NoArguments
  readonly Paused: NoArguments
  readonly FailuresToDecide: { readonly failed: number }
  readonly NextTaskToName: NoArguments
  readonly FailedTasksToDecide: NoArguments
  readonly BatchDone: { readonly batch: number; readonly batchCount: number; readonly next: number }
  readonly BatchOpen: { readonly batch: number; readonly batchCount: number }
  // Nothing may start now. Times in ms since 1970.
  readonly StartsAt: { readonly until: number }
  readonly WindowClosed: { readonly window: string; readonly until: number }
  /** `until` in ms since 1970. */
  readonly AwaitsSignatures: { readonly signed: number; readonly threshold: number; readonly until: number }
  readonly NotStartedSignaturesExpired: { readonly expired: number }
  readonly FrozenUntil: { readonly name: string; readonly until: number }

  // An assignment that is halted: it starts nothing until a user resumes it.
  readonly AssignmentHaltedBy: { readonly user: string }
  readonly AssignmentExecutionStopped: { readonly executionId: string }
  readonly AssignmentBudgetSpent: { readonly failed: number; readonly maxErrors: number }
  readonly AssignmentGroupUnusual: {
    readonly name: string
    readonly total: number
    readonly matching: number
    readonly known: number
  }

  // Gates between batches. Times in ms since 1970; `gate` as `parseGate` reads it.
  readonly GateSoaks: { readonly until: number }
  readonly GateChecked: { readonly gate: string; readonly until: number }
  readonly GateNeedsApproval: GateApprovals & { readonly until: number }
  readonly GateTimedOut: { readonly gate: string }
  readonly GateNotApproved: GateApprovals
  readonly GateRejected: { readonly user: string }
  /** The last check of a gate. */
  readonly GateValue: { readonly value: number }
  readonly GateStatus: { readonly status: number }
  readonly GateUnanswered: { readonly fault: GateFault }
  readonly NotStartedGateFailed: { readonly batch: number }
  readonly TasksWaitForOthers: { readonly count: number }
  readonly Cancelling: { readonly running: number }
  readonly BudgetSpent: { readonly failed: number; readonly maxErrors: number; readonly running: number }
  readonly CompletedAsFailed: NoArguments
  /** The final counts of all targets. */
  readonly Outcome: { readonly items: readonly OutcomeItem[] }
  /** The same, while the execution has not ended. */
  readonly OutcomeSoFar: { readonly items: readonly OutcomeItem[] }
}

type NoArguments = Readonly<Record<string, never>>

/** Approvals of a gate so far. `users`: who may approve; empty: every user with the permission. */
export interface GateApprovals {
  readonly approved: number
  readonly count: number
  readonly users: readonly string[]
  readonly roles?: readonly string[]
}

interface PartArguments {
  readonly number: number
  readonly count: number
  readonly extension: string
}

export type ReasonMessageCode = keyof ReasonArguments

export type ReasonMessage = {
  readonly [Code in ReasonMessageCode]: { readonly code: Code; readonly arguments: ReasonArguments[Code] }
}[ReasonMessageCode]

/** Targets that ended alike; `reasons` of those where the kind alone does not say why, the most frequent first. */
export interface OutcomeItem {
  readonly kind: OutcomeKind
  readonly count: number
  readonly reasons?: readonly { readonly reasonCode: TaskReasonCode; readonly count: number }[]
}

export type OutcomeKind =
  | 'succeeded'
  | 'alreadyAsWanted'
  | 'failed'
  | 'acceptedFailures'
  | 'notInstalled'
  | 'leftOut'
  | 'skipped'
  | 'cancelled'
  | 'running'
  | 'pending'

type CodeWithoutArguments = {
  readonly [Code in ReasonMessageCode]: ReasonArguments[Code] extends NoArguments ? Code : never
}[ReasonMessageCode]

/** A reason of one message; of several: `[...makeReason(…), ...makeReason(…)]`. */
export function makeReason<Code extends CodeWithoutArguments>(code: Code): ReasonOf<Code>
export function makeReason<Code extends ReasonMessageCode>(code: Code, values: ReasonArguments[Code]): ReasonOf<Code>
export function makeReason(code: ReasonMessageCode, values: object = {}): Reason {
  return [{ code, arguments: values } as ReasonMessage]
}

/** A reason that has only these messages, so that it fits where fewer are allowed (`PlanReason`). */
type ReasonOf<Codes extends ReasonMessageCode> = readonly Extract<ReasonMessage, { readonly code: Codes }>[]

/** A text of an agent or of a program; an empty one is an empty reason. */
export const makeTextReason = (text: string): ReasonOf<'Text'> => (text === '' ? [] : makeReason('Text', { text }))
