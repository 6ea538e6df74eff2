/** Statuses are those of the field (OOS); the meaning of each is here and the moves between them in the tables below. */
export const executionStatuses = ['Started', 'Queued', 'Running', 'Waiting', 'Success', 'Failed', 'Cancelled'] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

export const taskStatuses = ['Pending', 'Running', 'Success', 'Failed', 'Cancelled', 'Skipped'] as const
export type TaskStatus = (typeof taskStatuses)[number]

/** Started: accepted. Queued: nothing of it can run yet. Waiting: for a person. The last three are the end. */
export const executionMoves: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  Started: ['Queued', 'Running', 'Waiting', 'Success', 'Failed', 'Cancelled'],
  Queued: ['Running', 'Waiting', 'Success', 'Failed', 'Cancelled'],
  Running: ['Queued', 'Waiting', 'Success', 'Failed', 'Cancelled'],
  Waiting: ['Queued', 'Running', 'Success', 'Failed', 'Cancelled'],
  Success: [],
  Failed: [],
  Cancelled: [],
}

/** Failed goes back to Pending (retry) or to Skipped only while its execution waits for a person. */
export const taskMoves: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  Pending: ['Running', 'Failed', 'Cancelled', 'Skipped'],
  Running: ['Success', 'Failed', 'Cancelled'],
  Success: [],
  Failed: ['Pending', 'Skipped'],
  Cancelled: [],
  Skipped: [],
}

export const executionControls = [
  'pause',
  'resume',
  'cancel',
  'complete',
  'retry',
  'retryTask',
  'skipTask',
  'runTask',
  'cancelTask',
  'delete',
] as const
export type ExecutionControl = (typeof executionControls)[number]

export const isEnded = (status: ExecutionStatus) => executionMoves[status].length === 0

export const isTaskEnded = (status: TaskStatus) => status !== 'Pending' && status !== 'Running'

/** Why an execution is in the state it is in; the sentence beside it says it in words. */
export const executionReasonCodes = [
  'Accepted',
  'Dispatching',
  'WaitingForOtherExecution',
  'PausedByUser',
  'BatchPause',
  'FailurePause',
  'DebugPause',
  'AllSucceeded',
  'NothingToDo',
  // Success, although some targets are not as wanted: the plan left them out, or that many failures were accepted
  'TargetsLeftOut',
  'FailuresAccepted',
  'TargetsFailed',
  'TargetsSkipped',
  'ErrorBudgetSpent',
  'CancelRequested',
  'CancelledByUser',
  'CompletedAsFailed',
] as const
export type ExecutionReasonCode = (typeof executionReasonCodes)[number]

/** Why a task is in the state it is in. Counted per status and code, so that a verdict can say "312 failed: Unreachable". */
export const taskReasonCodes = [
  // planned
  'Planned',
  'AlreadyAsWanted',
  'NotInScope',
  'NoConfiguration',
  'NotInstalled',
  'Offline',
  'ParametersUnfit',
  'Quarantined',
  // planned by earlier releases, where it counted as a success; now NotInstalled
  'NotApplicable',
  // waiting
  'WaitingForOtherExecution',
  // running
  'Dispatched',
  'CancelRequested',
  // ended well
  'Succeeded',
  // failed on the instance
  'ScriptFailed',
  'ScriptTimedOut',
  'VerifyFailed',
  'DownloadFailed',
  'ArtifactMismatch',
  'DiskFull',
  'InterpreterMissing',
  'NotPermitted',
  'Unsupported',
  'Interrupted',
  'RestoreFailed',
  'AgentError',
  // failed on the way
  'AccessDenied',
  'Unreachable',
  'NotHandedOut',
  'Lost',
  'InstanceRemoved',
  // ended by decision
  'ErrorBudgetSpent',
  'CancelledByUser',
  'CancelUnconfirmed',
  'SkippedByUser',
] as const
export type TaskReasonCode = (typeof taskReasonCodes)[number]

/**
 * `offered`: the usual next steps, which pages show. `accepted`: not shown, and not refused either. A repeated or crossing request
 * must do no harm: resuming what runs takes a pause back that nothing has acted on, pausing what waits adds the pause to the question.
 */
type ControlRule = 'offered' | 'accepted'

const whileGoing = {
  pause: 'offered',
  resume: 'accepted',
  cancel: 'offered',
  complete: 'offered',
  runTask: 'offered',
  cancelTask: 'offered',
} as const satisfies Partial<Record<ExecutionControl, ControlRule>>

/**
 * Which control an execution in a status accepts: one table for server, CLI and console. runTask and complete are of Debug mode only.
 * Cancelled means that cancelling was requested: requesting it again changes nothing.
 */
const controlRules: Readonly<Record<ExecutionStatus, Partial<Readonly<Record<ExecutionControl, ControlRule>>>>> = {
  Started: whileGoing,
  Queued: whileGoing,
  Running: whileGoing,
  Waiting: {
    pause: 'accepted',
    resume: 'offered',
    cancel: 'offered',
    complete: 'offered',
    retryTask: 'offered',
    skipTask: 'offered',
    runTask: 'offered',
    cancelTask: 'offered',
  },
  // Failures may have been accepted.
  Success: { retry: 'offered', delete: 'offered' },
  Failed: { retry: 'offered', delete: 'offered' },
  Cancelled: { cancel: 'accepted', complete: 'accepted', retry: 'offered', delete: 'offered' },
}

/** Whether the server carries a control out, or has nothing left to do for it; otherwise it refuses. */
export const allowsControl = (status: ExecutionStatus, control: ExecutionControl) =>
  controlRules[status][control] !== undefined

/** Whether pages show a control. */
export const offersControl = (status: ExecutionStatus, control: ExecutionControl) =>
  controlRules[status][control] === 'offered'

/** The codes an agent may give for an end; the others are the server's own to say. */
export const agentReasonCodes = [
  'Succeeded',
  'AlreadyAsWanted',
  'ScriptFailed',
  'ScriptTimedOut',
  'VerifyFailed',
  'DownloadFailed',
  'ArtifactMismatch',
  'DiskFull',
  'InterpreterMissing',
  'NotPermitted',
  'Unsupported',
  'Interrupted',
  'RestoreFailed',
  'AgentError',
  'CancelledByUser',
] as const satisfies readonly TaskReasonCode[]
export type AgentReasonCode = (typeof agentReasonCodes)[number]
