import type {
  ExecutionReasonCode,
  ExecutionStatus,
  TaskReasonCode,
  TaskStatus,
} from '../../../../src/core/execution/execution.ts'
import { type FailureHint, hintTexts } from '../../../../src/core/execution/failure-lines.ts'
import type { InvocationState } from '../../../../src/core/execution/invocation.ts'
import type { ReceivedReason } from '../../../../src/core/reason/render-reason.ts'
import { plural } from '../plural.ts'

/** Why something is in its state, as the server says it: in English, and as messages if it is a server of today. */
export interface ExplainedReason {
  readonly reason: string
  readonly reasonMessages?: ReceivedReason | undefined
}

export interface ExplainedTask extends ExplainedReason {
  readonly reasonCode: TaskReasonCode
}

/** A target that differs from the expected plan: in English, and its reasons then and now as messages. */
export interface ExplainedChange {
  readonly message: string
  readonly before?: ReceivedReason | undefined
  readonly after?: ReceivedReason | undefined
}

/** The reason that the server gives for the status of an execution, and task counts by status. */
export interface Outcome extends ExplainedReason {
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>
}

/** Names of the statuses, reasons and states of executions, tasks and attempts. */
const names = {
  executionStatus: {
    Started: 'Started',
    Queued: 'Queued',
    Running: 'Running',
    Waiting: 'Waiting',
    Success: 'Success',
    Failed: 'Failed',
    Cancelled: 'Cancelled',
  } satisfies Record<ExecutionStatus, string>,
  taskStatus: {
    Pending: 'Pending',
    Running: 'Running',
    Rebooting: 'Rebooting',
    Success: 'Success',
    Failed: 'Failed',
    Cancelled: 'Cancelled',
    Skipped: 'Skipped',
  } satisfies Record<TaskStatus, string>,
  executionReason: {
    Accepted: 'Accepted',
    Dispatching: 'Running tasks',
    WaitingForOtherExecution: 'Waiting for another execution',
    PausedByUser: 'Paused by a user',
    BatchPause: 'The next batch is waiting for approval',
    FailurePause: 'A failure is waiting for a decision',
    DebugPause: 'Waiting for the next step',
    NotYet: 'Scheduled',
    OutsideWindow: 'Outside the maintenance window',
    Frozen: 'Frozen',
    AwaitingSignatures: 'Waiting for signatures of approvers',
    SignaturesExpired: 'Not signed in time',
    GateWait: 'Waiting at a gate',
    GateFailed: 'A gate failed',
    AllSucceeded: 'All tasks succeeded',
    NothingToDo: 'Nothing to do',
    TargetsLeftOut: 'All planned changes succeeded; some targets were left out',
    FailuresAccepted: 'Succeeded with accepted failures',
    TargetsFailed: 'Some tasks failed',
    TargetsSkipped: 'Some targets were left out',
    ErrorBudgetSpent: 'Error budget exceeded',
    CancelRequested: 'Cancelling',
    CancelledByUser: 'Cancelled by a user',
    CompletedAsFailed: 'Completed as failed',
  } satisfies Record<ExecutionReasonCode, string>,
  taskReason: {
    Planned: 'Planned',
    AlreadyAsWanted: 'Already in the requested state',
    NotInScope: 'Not in the scope of the extension',
    NoConfiguration: 'No matching configuration',
    NotInstalled: 'Not installed',
    Offline: 'Offline: left out',
    NotApplicable: 'Not applicable',
    ChangedSince: 'Changed after the execution that is rolled back',
    ParametersUnfit: 'Installed parameters are not valid for this version',
    Quarantined: 'Instance quarantined',
    UserNotPermitted: 'Not permitted',
    WaitingForOtherExecution: 'Waiting for another execution',
    Dispatched: 'Sent to the instance',
    Rebooting: 'Rebooting',
    CancelRequested: 'Cancelling',
    Succeeded: 'Succeeded',
    RebootRequired: 'Succeeded; a reboot is required',
    ScriptFailed: 'Script failed',
    ScriptTimedOut: 'Script timed out',
    VerifyFailed: 'Verification failed',
    DownloadFailed: 'Download failed',
    ArtifactMismatch: 'Package checksum mismatch',
    DiskFull: 'Disk full',
    InterpreterMissing: 'Interpreter not found',
    NotPermitted: 'Not permitted on the instance',
    Unsupported: 'Not supported by the agent',
    Interrupted: 'Interrupted',
    RebootFailed: 'Reboot failed',
    RestoreFailed: 'Previous state could not be restored',
    AgentError: 'Agent error',
    AccessDenied: 'Access denied',
    Unreachable: 'Instance unreachable',
    NotHandedOut: 'The server could not dispatch the task',
    Lost: 'No result received',
    RebootTimedOut: 'The instance did not return from a reboot',
    InstanceRemoved: 'Instance removed',
    ErrorBudgetSpent: 'Not started: error budget exceeded',
    GateFailed: 'Not started: a gate failed',
    SignaturesExpired: 'Not started: not signed in time',
    CancelledByUser: 'Cancelled by a user',
    CancelUnconfirmed: 'Cancelled; not confirmed by the instance',
    SkippedByUser: 'Skipped by a user',
  } satisfies Record<TaskReasonCode, string>,
  hints: hintTexts satisfies Record<FailureHint, string>,
  invocationState: {
    queued: 'Queued',
    sent: 'Sent',
    accepted: 'Accepted',
    waiting: 'Waiting',
    downloading: 'Downloading',
    running: 'Running',
    verifying: 'Verifying',
    rebooting: 'Rebooting',
    succeeded: 'Succeeded',
    failed: 'Failed',
    timedOut: 'Timed out',
    cancelled: 'Cancelled',
    withdrawn: 'Withdrawn',
    lost: 'Lost',
  } satisfies Record<InvocationState, string>,
}

/** The short name of a gate: `Soak 10m`. */
function nameGate(text: string): string {
  const [kind = '', rest = ''] = /^(?:soak|approval):/.test(text) ? text.split(':') : [text.split(':')[0]]
  const [first = ''] = rest.split(' ')
  switch (kind) {
    case 'soak':
      return `Soak ${first}`
    case 'http':
      return 'HTTP'
    case 'prometheus':
      return 'Prometheus'
    case 'approval':
      return plural(Number(first), 'approval')
    default:
      return text
  }
}

/** The reasons of the server are English sentences: shown unchanged. */
export const executionWords = {
  ...names,
  gateName: nameGate,
  explainTask: ({ reasonCode, reason }: ExplainedTask) => (reason === '' ? names.taskReason[reasonCode] : reason),
  explainReason: ({ reason }: ExplainedReason) => reason,
  explainExecution: ({ reason }: Outcome) => reason,
  explainPlanChange: ({ message }: ExplainedChange) => message,
}
