/**
 * Statuses as in OOS; their meaning is documented here, and the transitions are in the tables
 * below.
 */
export const executionStatuses = ['Started', 'Queued', 'Running', 'Waiting', 'Success', 'Failed', 'Cancelled'] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

export const taskStatuses = ['Pending', 'Running', 'Rebooting', 'Success', 'Failed', 'Cancelled', 'Skipped'] as const
export type TaskStatus = (typeof taskStatuses)[number]

/** A task with one of these has started and not ended: it counts for the concurrency. */
export const runningTaskStatuses = ['Running', 'Rebooting'] as const satisfies TaskStatus[]

/**
 * Started: accepted. Queued: no task can run yet. Waiting: for an operator. The last three are
 * final.
 */
export const executionMoves: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  Started: ['Queued', 'Running', 'Waiting', 'Success', 'Failed', 'Cancelled'],
  Queued: ['Running', 'Waiting', 'Success', 'Failed', 'Cancelled'],
  Running: ['Queued', 'Waiting', 'Success', 'Failed', 'Cancelled'],
  Waiting: ['Queued', 'Running', 'Success', 'Failed', 'Cancelled'],
  Success: [],
  Failed: [],
  Cancelled: [],
}

/**
 * Rebooting: a script requested a reboot of the machine; afterwards the task is Running again.
 * Failed returns to Pending (retry) or to Skipped only while its execution waits for an operator.
 */
export const taskMoves: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  Pending: ['Running', 'Failed', 'Cancelled', 'Skipped'],
  Running: ['Rebooting', 'Success', 'Failed', 'Cancelled'],
  Rebooting: ['Running', 'Success', 'Failed', 'Cancelled'],
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
  'rollback',
  'retryTask',
  'skipTask',
  'runTask',
  'cancelTask',
  'delete',
] as const
export type ExecutionControl = (typeof executionControls)[number]

/** Whether a task occupies its instance. */
export const isTaskRunning = (status: TaskStatus) => (runningTaskStatuses as readonly TaskStatus[]).includes(status)

/** Whether a status of an execution is final. */
export const isEnded = (status: ExecutionStatus) => executionMoves[status].length === 0

/**
 * Whether a task has ended, so that nothing can cancel it; a failed one can still be retried while its
 * execution waits.
 */
export const isTaskEnded = (status: TaskStatus) => !taskMoves[status].includes('Cancelled')

/** The reason of an execution's status; the sentence beside it explains the details. */
export const executionReasonCodes = [
  'Accepted',
  'Dispatching',
  'WaitingForOtherExecution',
  'PausedByUser',
  'BatchPause',
  'FailurePause',
  'DebugPause',
  // nothing may start now
  'NotYet',
  'OutsideWindow',
  'Frozen',
  // approvers have not signed the plan, or not in time
  'AwaitingSignatures',
  'SignaturesExpired',
  // between two batches: a gate does not hold yet, or has failed
  'GateWait',
  'GateFailed',
  'AllSucceeded',
  'NothingToDo',
  // Success, although some targets are not as requested: the plan skipped them, or failures were
  // accepted
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

/**
 * The reason of a task's status. Counted per status and code, so that a verdict can say "312
 * failed: Unreachable".
 */
export const taskReasonCodes = [
  // planned
  'Planned',
  'AlreadyAsWanted',
  'NotInScope',
  'NoConfiguration',
  'NotInstalled',
  'Offline',
  'ParametersUnfit',
  // rollback: somebody else changed it since
  'ChangedSince',
  'Quarantined',
  'UserNotPermitted',
  // from earlier releases, where it counted as a success; now NotInstalled
  'NotApplicable',
  // waiting
  'WaitingForOtherExecution',
  // running
  'Dispatched',
  'Rebooting',
  'CancelRequested',
  // succeeded
  'Succeeded',
  // a script requested a reboot that the execution does not allow
  'RebootRequired',
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
  'RebootFailed',
  'RestoreFailed',
  'AgentError',
  // failed before the instance was reached
  'AccessDenied',
  'Unreachable',
  'NotHandedOut',
  'Lost',
  // the machine did not return from a reboot in time
  'RebootTimedOut',
  'InstanceRemoved',
  // ended by a decision
  'ErrorBudgetSpent',
  'GateFailed',
  'SignaturesExpired',
  'CancelledByUser',
  'CancelUnconfirmed',
  'SkippedByUser',
] as const
export type TaskReasonCode = (typeof taskReasonCodes)[number]

/**
 * `offered`: the usual next steps, which the console shows. `accepted`: not shown, but not refused
 * either. A repeated or concurrent request must be harmless: resuming a running execution withdraws
 * a pause that has not taken effect, and pausing a waiting one adds a pause after the current
 * question.
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
 * The controls that an execution accepts in each status, for server, CLI and console. Only Debug
 * mode has runTask and complete. Cancelled means that a cancel was requested: requesting it again
 * changes nothing.
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
  Success: { retry: 'offered', rollback: 'offered', delete: 'offered' },
  Failed: { retry: 'offered', rollback: 'offered', delete: 'offered' },
  Cancelled: { cancel: 'accepted', complete: 'accepted', retry: 'offered', rollback: 'offered', delete: 'offered' },
}

/**
 * Whether the server accepts a control, also if it has nothing left to do; otherwise it refuses it.
 */
export const allowsControl = (status: ExecutionStatus, control: ExecutionControl) =>
  controlRules[status][control] !== undefined

/** Whether the console shows a control. */
export const offersControl = (status: ExecutionStatus, control: ExecutionControl) =>
  controlRules[status][control] === 'offered'

/** The reason codes that an agent may report for an end; only the server sets the others. */
export const agentReasonCodes = [
  'Succeeded',
  'AlreadyAsWanted',
  'RebootRequired',
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
  'RebootFailed',
  'RestoreFailed',
  'AgentError',
  'CancelledByUser',
] as const satisfies readonly TaskReasonCode[]
export type AgentReasonCode = (typeof agentReasonCodes)[number]
