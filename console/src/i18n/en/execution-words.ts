import type {
  ExecutionReasonCode,
  ExecutionStatus,
  TaskReasonCode,
  TaskStatus,
} from '../../../../src/core/execution/execution.ts'
import { type FailureHint, hintTexts } from '../../../../src/core/execution/failure-lines.ts'
import type { InvocationState } from '../../../../src/core/execution/invocation.ts'

/** What the server says of an execution, and how many of its tasks are in each status. */
export interface Outcome {
  readonly reason: string
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>
}

/** Names of what executions, tasks and attempts can be. */
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
    Success: 'Success',
    Failed: 'Failed',
    Cancelled: 'Cancelled',
    Skipped: 'Skipped',
  } satisfies Record<TaskStatus, string>,
  executionReason: {
    Accepted: 'Accepted',
    Dispatching: 'Tasks are being run',
    WaitingForOtherExecution: 'Waits for another execution',
    PausedByUser: 'Paused by a person',
    BatchPause: 'The next batch waits for approval',
    FailurePause: 'A failure waits for a decision',
    DebugPause: 'Waits for the next step',
    AllSucceeded: 'Every task succeeded',
    NothingToDo: 'Nothing had to be done',
    TargetsLeftOut: 'Every planned change succeeded; some targets were left out',
    FailuresAccepted: 'Succeeded with accepted failures',
    TargetsFailed: 'Some tasks failed',
    TargetsSkipped: 'Some targets were left out',
    ErrorBudgetSpent: 'Too many failures: the error budget is spent',
    CancelRequested: 'Being cancelled',
    CancelledByUser: 'Cancelled by a person',
    CompletedAsFailed: 'Completed as failed',
  } satisfies Record<ExecutionReasonCode, string>,
  taskReason: {
    Planned: 'Planned',
    AlreadyAsWanted: 'Already as wanted',
    NotInScope: 'Not in the scope of the extension',
    NoConfiguration: 'No configuration fits',
    NotInstalled: 'Not installed',
    Offline: 'Offline: left out',
    NotApplicable: 'Not applicable',
    ParametersUnfit: 'Installed parameters do not fit',
    Quarantined: 'Instance quarantined',
    WaitingForOtherExecution: 'Waits for another execution',
    Dispatched: 'Sent to the instance',
    CancelRequested: 'Being cancelled',
    Succeeded: 'Succeeded',
    ScriptFailed: 'The script failed',
    ScriptTimedOut: 'The script took too long',
    VerifyFailed: 'Verification failed',
    DownloadFailed: 'Download failed',
    ArtifactMismatch: 'The package is not the one that was uploaded',
    DiskFull: 'The disk is full',
    InterpreterMissing: 'The interpreter is missing',
    NotPermitted: 'Not permitted on the instance',
    Unsupported: 'Not supported by the agent',
    Interrupted: 'Interrupted',
    RestoreFailed: 'Could not be put back as it was',
    AgentError: 'The agent had an error',
    AccessDenied: 'Access denied',
    Unreachable: 'The instance could not be reached',
    NotHandedOut: 'The server could not hand out the task',
    Lost: 'Nothing was heard of it any more',
    InstanceRemoved: 'The instance was removed',
    ErrorBudgetSpent: 'Not started: the error budget is spent',
    CancelledByUser: 'Cancelled by a person',
    CancelUnconfirmed: 'Cancelled, and the instance has not confirmed it',
    SkippedByUser: 'Skipped by a person',
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
    succeeded: 'Succeeded',
    failed: 'Failed',
    timedOut: 'Took too long',
    cancelled: 'Cancelled',
    withdrawn: 'Withdrawn',
    lost: 'Lost',
  } satisfies Record<InvocationState, string>,
}

/** The server's reasons are English sentences, with all that it knows: here they stand as they are. */
export const executionWords = {
  ...names,
  explainTask: (reasonCode: TaskReasonCode, reason: string) => (reason === '' ? names.taskReason[reasonCode] : reason),
  explainExecution: ({ reason }: Outcome) => reason,
}
