import type { ErrorEntry } from './error-entry.ts'

/** Errors of executions; part of the catalogue in errors.ts. */
export const executionErrors = {
  ExecutionNotFound: {
    status: 404,
    text: 'Execution {id} does not exist in this account.',
    next: 'List the ids with `chandler execution list`.',
  },
  ExecutionStateConflict: {
    status: 409,
    text: 'Execution {id} is {status}; the action {control} is not possible in this state.',
    next: 'Check its state with `chandler execution show {id}`.',
  },
  ExecutionRetryRunning: {
    status: 409,
    text: 'Execution {id} is already being retried on the same instances by {retry}.',
    next: 'Wait until it ends (`chandler execution show {retry} --follow`), then retry the remaining failures.',
  },
  TimingInvalid: {
    status: 400,
    text: 'The window "{text}" {reason}.',
    next: 'Use days, times and a time zone, such as "Mon-Fri 01:00-05:00 Asia/Shanghai" or "daily 22:00-04:00 UTC".',
  },
  FreezeInvalid: {
    status: 400,
    text: 'The freeze {name} is invalid: {reason}.',
    next: 'Use an end in the future and after the begin.',
  },
  FreezeExists: {
    status: 409,
    text: 'There is a freeze {name} that has not ended.',
    next: 'Choose another name, or delete it with `chandler freeze delete {name}`.',
  },
  FreezeNotFound: {
    status: 404,
    text: 'There is no freeze {name}.',
    next: 'List the freezes with `chandler freeze list`.',
  },
  ScheduleInvalid: {
    status: 400,
    text: 'The schedule {name} is invalid: {reason}.',
    next: 'Use a cron expression of five fields such as "0 3 * * 1-5", and a time zone such as Asia/Shanghai.',
  },
  ScheduleExists: {
    status: 409,
    text: 'There is a schedule {name}.',
    next: 'Choose another name, or delete it with `chandler schedule delete {name}`.',
  },
  ScheduleNotFound: {
    status: 404,
    text: 'There is no schedule {name}.',
    next: 'List the schedules with `chandler schedule list`.',
  },
  ExecutionNotApprovable: {
    status: 409,
    text: 'Execution {id} cannot be approved or rejected: {reason}.',
    next: 'Show what it waits for with `chandler execution show {id}`.',
  },
  ExecutionNotRollbackable: {
    status: 409,
    text: 'Execution {id} cannot be rolled back: {reason}.',
    next: 'Only installs, updates and uninstalls of extensions, and rollbacks of them, can be rolled back.',
  },
  ExecutionNothingToRollBack: {
    status: 409,
    text: 'Execution {id} has no recorded change to roll back.',
    next: 'Changes are recorded by servers of this release or later. Start a new execution instead.',
  },
  ExecutionRolledBack: {
    status: 409,
    text: 'Execution {id} was already rolled back by {rollback}.',
    next: 'Show the result with `chandler execution show {rollback}`. Retry its failures with `chandler execution retry {rollback}`, or roll it back to restore what {id} had changed.',
  },
  PlanChanged: {
    status: 409,
    text: 'The current plan differs from plan {plan} ({difference}).',
    next: 'Create a new plan, review the differences, and start with its digest.',
  },
  PlanNotFound: {
    status: 404,
    text: 'Plan {id} has expired or belongs to another user.',
    next: 'Create a new plan. The server keeps the last 20 plans of each user for one hour.',
  },
  TaskNotFound: {
    status: 404,
    text: 'Execution {id} has no task {task}.',
    next: 'List its tasks with `chandler execution show {id}`.',
  },
  TaskStateConflict: {
    status: 409,
    text: 'Task {task} is {status}; the action {control} is not possible in this state.',
    next: 'Retry or skip failed tasks while the execution waits. Cancel tasks that are pending or running. Run tasks individually in Debug mode.',
  },
  FailureNotFound: {
    status: 404,
    text: 'Execution {id} has no failure group {key}.',
    next: 'List its failure groups with `chandler execution failures {id}`.',
  },
  ExecutionNothingToRetry: {
    status: 409,
    text: 'Execution {id} has no failed or unstarted targets.',
    next: 'Start a new execution instead.',
  },
  ClientTokenReused: {
    status: 409,
    text: 'The client token was already used for a different request, which started {id}.',
    next: 'Use a new client token for each new request. An identical request with the same token returns the original response.',
  },
} as const satisfies Record<string, ErrorEntry>
