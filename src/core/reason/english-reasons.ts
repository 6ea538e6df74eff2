import type { GateFault } from '../gate/gate-fault.ts'
import { englishAgentReasons } from './english-agent-reasons.ts'
import { englishPlanReasons } from './english-plan-reasons.ts'
import type { GateApprovals, OutcomeItem, OutcomeKind } from './reason.ts'
import { type ReasonCatalogue, type ReceivedReason, renderReason } from './render-reason.ts'
import { showInstantUtc } from './show-instant-utc.ts'

/** The reasons in English: what the API, the CLI and the OOS API say. */
export const englishReasons: ReasonCatalogue = {
  ...englishPlanReasons,
  ...englishAgentReasons,

  Text: ({ text }) => text,

  Part: ({ number, count, extension }) => `Part ${number} of ${count}, ${extension}:`,
  PartDone: ({ number, count, extension }) => `Part ${number} of ${count} (${extension}) is done.`,

  JoinedWithToken: ({ token, address }) => `It joined with ${token}, from ${nameAddress(address)}.`,
  KeyReplaced: ({ address }) =>
    `An agent connected with a key that had been replaced: a copy of the state directory, or a machine that was set back to an earlier state. ${cameFrom(address)}`,
  FingerprintMissing: ({ address }) =>
    `An agent connected without a part of the fingerprint of the machine that enrolled: a copy of the state directory, or an agent that runs as another user. ${cameFrom(address)}`,
  FingerprintChanged: ({ address }) =>
    `An agent connected from a machine with another fingerprint: a copy of the disk or the state directory, or a machine whose hardware was changed. ${cameFrom(address)}`,
  ConnectedTwice: ({ address }) =>
    `Two agents connect with the identity of this instance in turns: its state directory was copied, or the machine was set back to an earlier state while it ran. ${cameFrom(address)}`,

  WaitsForExecution: ({ executionId }) => `Waits for ${executionId}, which is changing the same on this instance.`,
  RetriedBy: ({ user }) => `Retried by ${user}.`,
  FailedAndSkippedBy: ({ user }) => `Failed, and skipped by ${user}:`,

  Rebooting: () => 'A script requested a reboot: the instance reboots, then the task continues.',

  CancelledBeforeStart: () => 'Cancelled before it started.',
  CancelledBeforeStartBy: ({ user }) => `Cancelled by ${user} before it started.`,
  CancelledBeforeDelivery: () => 'Cancelled before the agent received it: nothing was run on the instance.',
  CancelledBeforeDeliveryBy: ({ user }) =>
    `Cancelled by ${user} before the agent received it: nothing was run on the instance.`,
  NotStartedBudgetSpent: ({ failed, maxErrors }) =>
    `Not started: ${failed} failed and at most ${maxErrors} are allowed.`,
  StopUnconfirmed: ({ seconds }) => `Cancelled; the agent did not confirm within ${seconds} s.`,

  HandOutFailed: ({ error }) => `The server could not hand it out in time: ${error}. Nothing was run on the instance.`,
  HandOutRefused: ({ error }) => `It cannot be handed out: ${error}. Nothing was run on the instance.`,
  RepeatedHandOutRefused: ({ error }) =>
    `The server handed it out, the agent did not confirm it, and it cannot be handed out again: ${error}.`,
  DeliveryTimedOut: () =>
    'The instance did not connect within the delivery timeout, or was quarantined: nothing was run on the instance.',
  ReceiptUnconfirmed: () => 'The server handed it out, and the agent did not confirm it.',
  LostBeforeStart: () => 'The agent had not started it when the server lost contact.',
  LostAfterStart: () => 'The agent had started it when the server lost contact.',
  RebootTimedOut: ({ minutes }) =>
    `The instance did not return within ${minutes} min after a script requested a reboot.`,
  UnknownUntilBack: () => 'What happened on the instance is unknown until the agent is back.',
  RemovedBeforeStart: () => 'The instance was removed before the agent received it: nothing was run on the instance.',
  RemovedWhileRunning: () =>
    'The instance was removed while the task was running. What happened on the instance is unknown.',

  LateAnswer: ({ state }) => `The agent answered later: ${state}.`,
  BackWithoutRecord: () =>
    'The agent is back and has no record of it: its state directory was lost or restored. What happened on the instance is unknown.',
  BackAndNeverReceived: () => 'The agent is back and never received it: nothing was run on the instance.',

  Accepted: () => 'Accepted; it starts in a moment.',
  Resumed: () => 'Resumed; it continues in a moment.',
  TaskNamed: () => 'A task was named; it starts in a moment.',
  Paused: () => 'Paused; resume it to continue.',
  FailuresToDecide: ({ failed }) =>
    `${failed} failed. Retry or skip, resume to accept the failure and continue, or cancel.`,
  NextTaskToName: () => 'Name the task to run next, complete it, or cancel.',
  FailedTasksToDecide: () => 'Run a failed task again, skip it, or complete it.',
  BatchDone: ({ batch, batchCount, next }) => `Batch ${batch} of ${batchCount} is done; resume to open batch ${next}.`,
  StartsAt: ({ until }) => `Starts at ${showInstantUtc(until)}.`,
  WindowClosed: ({ window, until }) => `Continues at ${showInstantUtc(until)}, in the window ${window}.`,
  AssignmentHaltedBy: ({ user }) => `Halted by ${user}.`,
  AssignmentExecutionStopped: ({ executionId }) =>
    `Execution ${executionId} was cancelled, failed at a gate or was rolled back.`,
  AssignmentBudgetSpent: ({ failed, maxErrors }) => `Failed instances: ${failed}. Accepted: ${maxErrors}.`,
  AssignmentGroupUnusual: ({ name, total, matching, known }) =>
    `The group ${name} now matches all ${total} instances; before it matched ${matching} of ${known}.`,
  AwaitsSignatures: ({ signed, threshold, until }) =>
    `Approvers have to sign the plan: ${signed} of ${threshold} signatures; nothing starts after ${showInstantUtc(until)}.`,
  NotStartedSignaturesExpired: ({ expired }) =>
    `Not started: the signatures of approvers were needed, and valid, until ${showInstantUtc(expired)}.`,
  FrozenUntil: ({ name, until }) => `Nothing starts until ${showInstantUtc(until)}, because of the freeze ${name}.`,

  GateSoaks: ({ until }) => `The next batch opens at ${showInstantUtc(until)} at the earliest.`,
  GateChecked: ({ gate, until }) => `Checks ${gate} until ${showInstantUtc(until)}.`,
  GateNeedsApproval: ({ until, approved, count, users, roles }) =>
    `Waits until ${showInstantUtc(until)} for ${describeApprovals({ approved, count, users, ...(roles && { roles }) })}.`,
  GateTimedOut: ({ gate }) => `The gate ${gate} did not hold within its time.`,
  GateNotApproved: ({ approved, count, users, roles }) =>
    `The next batch was not approved in time: ${describeApprovals({ approved, count, users, ...(roles && { roles }) })} were needed.`,
  GateRejected: ({ user }) => `${user} rejected the next batch.`,
  GateValue: ({ value }) => `The last value was ${value}.`,
  GateStatus: ({ status }) => `The last answer had the status ${status}.`,
  GateUnanswered: ({ fault }) => gateFaultTexts[fault],
  NotStartedGateFailed: ({ batch }) => `Not started, because a gate after batch ${batch} failed.`,
  BatchOpen: ({ batch, batchCount }) => `Batch ${batch} of ${batchCount} is open.`,
  TasksWaitForOthers: ({ count }) => `${count} wait for another execution on the same instance.`,
  Cancelling: ({ running }) => `Cancelling: ${running} were running; each is withdrawn or stopped.`,
  BudgetSpent: ({ failed, maxErrors, running }) =>
    `${failed} failed and at most ${maxErrors} are allowed: no more tasks start, ${running} may finish.`,
  CompletedAsFailed: () => 'Completed as failed:',
  Outcome: ({ items }) => renderOutcome(items),
  OutcomeSoFar: ({ items }) => `${renderOutcome(items)}.`,
}

const nameAddress = (address: string) => address || 'an unknown address'
const cameFrom = (address: string) => `It came from ${nameAddress(address)}.`

/** A reason as English text. */
export const renderEnglishReason = (reason: ReceivedReason): string => renderReason(englishReasons, reason)

const outcomeWords: Readonly<Record<OutcomeKind, string>> = {
  succeeded: 'succeeded',
  alreadyAsWanted: 'already as wanted',
  failed: 'failed',
  acceptedFailures: 'accepted failures',
  notInstalled: 'not installed',
  leftOut: 'left out',
  skipped: 'skipped',
  cancelled: 'cancelled',
  running: 'running',
  pending: 'pending',
}

/** Such as `97 succeeded, 1 left out (NotInScope 1)`. */
function renderOutcome(items: readonly OutcomeItem[]): string {
  const texts = items.map(({ kind, count, reasons }) => {
    const words = kind === 'acceptedFailures' && count === 1 ? 'accepted failure' : outcomeWords[kind]
    const codes = reasons?.map(({ reasonCode, count: n }) => `${reasonCode} ${n}`).join(', ')
    return codes === undefined ? `${count} ${words}` : `${count} ${words} (${codes})`
  })
  return texts.length > 0 ? texts.join(', ') : 'no targets'
}

function describeApprovals({ approved, count, users, roles = [] }: GateApprovals): string {
  const named = [...users, ...roles.map((role) => `users with the role ${role}`)]
  return `${count} approval${count === 1 ? '' : 's'} by ${named.length > 0 ? named.join(', ') : 'other users'} (${approved} so far)`
}

const gateFaultTexts: Readonly<Record<GateFault, string>> = {
  AddressRefused: 'The server may not connect to its address: see the setting CHANDLER_OUTBOUND_ALLOW.',
  NoAnswer: 'Its address did not answer.',
  AnswerInvalid: 'Its last answer could not be read.',
  AnswerTooLarge: 'Its last answer was too large.',
  NoValue: 'The query had no value.',
}
