import type { OperationView } from '../../../../src/protocol/api/operations.ts'
import { plural } from '../plural.ts'
import { executionWords } from './execution-words.ts'

const actionNames = { install: 'Install', update: 'Update', uninstall: 'Uninstall' } as const

const nameRequested = ({
  extension,
  version,
}: {
  readonly extension: string
  readonly version?: string | undefined
}) => (version === undefined ? extension : `${extension} ${version}`)

function nameOperation(operation: OperationView): string {
  switch (operation.kind) {
    case 'extension':
      return `${actionNames[operation.action]} ${nameRequested(operation)}`
    case 'extensions':
      return `${actionNames[operation.action]} ${operation.extensions.map(nameRequested).join(', ')}`
    case 'command':
      return `Run a command (${operation.type})`
    case 'osPackage':
      return `${actionNames[operation.action]} ${plural(operation.names.length, 'package')}: ${operation.names.join(', ')}`
  }
}

const tasks = (count: number) => plural(count, 'task')
const instances = (count: number) => plural(count, 'instance')

export const executions = {
  ...executionWords,
  nameOperation,
  list: {
    title: 'Executions',
    intro: 'Every installation, update and removal that was started, with what became of it. The list is live.',
    start: 'Start an operation',
    empty: 'Nothing was started yet',
    emptyDetail: 'Install, update or remove an extension on some instances: what you start appears here.',
    table: 'Executions',
    filter: 'Filter by status, extension or tag',
    properties: { status: 'Status', extension: 'Extension', tag: 'Tag' },
    propertyGroups: { status: 'Statuses', extension: 'Extensions', tag: 'Tags (key=value)' },
    oneOfEach: 'One status and one extension at a time: the last of each counts.',
    columns: {
      operation: 'Operation',
      status: 'Status',
      tasks: 'Tasks',
      failed: 'Failed',
      created: 'Started',
      duration: 'Took',
    },
    shown: (count: number, isAll: boolean) => (isAll ? `(${count})` : `(${count}+)`),
  },
  notFound: 'To the list of executions',
  actions: {
    pause: 'Pause',
    resume: 'Resume',
    approve: (batch: number) => `Approve batch ${batch}`,
    cancel: 'Cancel…',
    retry: 'Retry failed',
    again: 'Run again',
    complete: 'Complete',
    more: 'More actions',
    delete: 'Delete…',
    paused: 'Nothing new starts. What runs comes to its end.',
    resumed: 'It goes on.',
    approved: (batch: number) => `Batch ${batch} was approved and begins.`,
    cancelled: 'Cancelling: nothing new starts, and what runs is being ended.',
    retried: (count: number) => `A new execution was started with ${tasks(count)}.`,
    completed: 'It is being completed: what was never run ends.',
    deleted: (name: string) => `${name} was deleted.`,
    skipped: (instance: string) => `${instance} is skipped.`,
    taskRetried: (instance: string) => `${instance} is tried again.`,
  },
  retryDialog: {
    title: 'Retry failed tasks?',
    planning: 'Planning the retry',
    what: 'What will happen',
    rate: 'Rate control',
    atOnce: (concurrency: number, batches: number, maxErrors: number) =>
      `${concurrency.toLocaleString('en')} at once, ${plural(batches, 'batch', 'batches')}, accepted failures: ${maxErrors.toLocaleString('en')}`,
    more: (count: number) => `and ${count.toLocaleString('en')} more`,
    confirm: 'Retry',
  },
  retryTaskDialog: {
    title: (instance: string) => `Retry the task on ${instance}?`,
    frozen: 'The task runs again as it was planned when the execution started.',
    failure: 'Last failure',
  },
  cancelDialog: {
    title: 'Cancel this execution?',
    what: (name: string) => `${name} is cancelled for good.`,
    pending: (count: number) => `${tasks(count)} will not start.`,
    running: (count: number) =>
      `${tasks(count)} that run are ended in the middle: those instances may be left half changed, and say so.`,
    stays: (count: number) => `${instances(count)} on which it succeeded stay as they are.`,
    confirm: 'Cancel the execution',
    back: 'Let it run',
  },
  deleteDialog: {
    title: 'Delete this execution?',
    what: (name: string, count: number) =>
      `${name} with its ${tasks(count)} and everything that they printed is deleted. What is installed on the instances stays.`,
    confirm: 'Delete',
  },
  summary: {
    elapsed: 'Elapsed',
    expectedEnd: 'Expected end',
    expectedUnknown: 'Nobody can tell yet',
    expectedPaused: 'Waits for a person',
    doneOf: (done: string, total: string) => `${done} of ${total}`,
    errors: 'Error budget used',
    errorsOf: (count: string, max: string) => `${count} of ${max}`,
    errorsOver: 'Spent: nothing new starts',
    control: 'Rate control',
    batchControl: (batches: number, concurrency: number) =>
      `${plural(batches, 'batch', 'batches')}, ${concurrency} at once`,
    concurrencyControl: (concurrency: number) => `${concurrency} at once`,
    verdict: 'Verdict',
    strict: 'Strict: Failed if any target is left out or fails',
    created: 'Started',
    createdBy: (when: string, who: string) => `${when} by ${who}`,
    ended: 'Ended',
    retryOf: 'Retry of',
    parent: 'Belongs to',
    note: 'Note',
    unknown: '–',
  },
  waiting: {
    queuedTitle: 'Waiting for other executions',
    other: (count: number, sample: string) =>
      `${tasks(count)} (such as the one on ${sample}) until the other execution has ended there:`,
    batchTitle: (batch: number) => `Batch ${batch} waits for your approval`,
    pausedTitle: 'Paused',
    failureTitle: 'A failure waits for a decision',
    failureDetail: 'Retry or skip each failed task, or resume to go on without them.',
    showFailed: 'Show failed tasks',
    debugTitle: 'Debug mode: choose the next task',
    debugDetail: 'Open a task and run it. Nothing starts by itself.',
  },
  statusBar: {
    label: 'Tasks by status. Choose statuses to filter the tasks by them.',
    all: 'All',
    part: (status: string, count: string, percent: string) => `${status}: ${count} tasks, ${percent}`,
  },
  batches: {
    label: 'Batches, in their order. Choose one to see its tasks.',
    name: (batch: number) => `Batch ${batch}`,
    size: tasks,
    state: {
      ended: 'Ended',
      failed: (count: number) => `Ended, ${count} failed`,
      open: 'Running',
      approval: 'Waits for approval',
      paused: 'Paused',
      ahead: 'Not yet',
      cancelled: 'Cancelled',
    },
    fewer: 'Show fewer',
    expand: (count: number) => `Show ${plural(count, 'more batch', 'more batches')}`,
  },
  tabs: { tasks: 'Tasks', failures: 'Failures', details: 'Details' },
  tasks: {
    label: 'Tasks',
    search: 'Find by name, id or reason',
    reason: 'Reason',
    anyReason: 'Any reason',
    order: 'Order',
    orders: {
      ordinal: 'As planned',
      '-ended': 'Last ended first',
      '-duration': 'Longest first',
      duration: 'Shortest first',
    },
    columns: {
      status: 'Status',
      instance: 'Instance',
      batch: 'Batch',
      version: 'Version',
      reason: 'Reason',
      time: 'Time',
    },
    failureFilter: 'One group of failures',
    batchFilter: (batch: number) => `Batch ${batch}`,
    shown: (count: string) => `${count} tasks`,
    shownSoFar: (count: string) => `${count} tasks so far`,
    loadingRow: 'Loading',
    outdated: 'Tasks have changed since this order was made.',
    empty: 'There are no tasks',
    noMatch: 'No task matches the filter',
    exit: (code: number) => `Exit code ${code}`,
    exitShort: (code: number) => `exit ${code}`,
    open: (instance: string) => `Show the task on ${instance}`,
    noBatch: '–',
  },
  failures: {
    none: 'No task has failed',
    title: (count: number, lastLine: string | undefined) =>
      lastLine === undefined ? instances(count) : `${instances(count)}: ${lastLine}`,
    exit: (code: number) => `exit code ${code}`,
    noOutput: 'Nothing was printed',
    samples: 'Such as',
    hint: 'What to do',
    show: 'Show its tasks',
    retry: (count: number) => `Retry this group (${count})`,
    incomplete: 'Only the largest groups are shown.',
    notYet: 'A group can be retried when the execution has ended.',
  },
  details: {
    operation: 'Operation',
    script: 'Script',
    targets: 'Targets',
    targetKinds: {
      all: 'All instances',
      ids: (count: number) => `${instances(count)}, by id`,
      names: (count: number) => `${instances(count)}, by name`,
      tags: (tags: string) => `Instances with the tags ${tags}`,
      group: (group: string) => `Instances of the resource group ${group}`,
      filter: (filter: string) => `Instances that match ${filter}`,
    },
    parameters: 'Parameters',
    mode: 'Mode',
    modes: { Automatic: 'Automatic', FailurePause: 'Asks after a failure', Debug: 'Debug: step by step' },
    pause: 'Between batches',
    pauses: {
      Automatic: 'Goes on by itself',
      FirstBatchPause: 'Asks after the first batch',
      EveryBatchPause: 'Asks after every batch',
    },
    id: 'Execution id',
    description: 'Description',
    tags: 'Tags',
    group: 'Resource group',
    copyId: 'Copy the id',
    reasons: 'Tasks by reason',
    reasonColumns: { status: 'Status', reason: 'Reason', count: 'Tasks' },
    cli: 'On the command line',
  },
  task: {
    title: (instance: string) => `Task on ${instance}`,
    close: 'Close the task',
    tabs: { log: 'Output', compare: 'Compare', attempts: 'Attempts', parameters: 'Parameters' },
    noParameters: 'It takes no parameters.',
    changes: 'Changes',
    retry: 'Retry this task',
    skip: 'Skip this task',
    run: 'Run this task',
    cancel: 'Cancel this task',
    attempts: 'Attempts',
    attemptColumns: {
      attempt: 'Attempt',
      state: 'State',
      queued: 'Queued',
      started: 'Accepted',
      ended: 'Ended',
      exit: 'Exit code',
      output: 'Printed',
      reason: 'Reason',
    },
    noAttempts: 'It was not sent to the instance.',
  },
  log: {
    streams: 'Streams',
    streamNames: { merged: 'Merged', apart: 'Apart', stdout: 'stdout', stderr: 'stderr' },
    attempt: 'Attempt',
    attemptName: (attempt: number) => `Attempt ${attempt}`,
    allAttempts: 'All attempts',
    follow: 'Follow',
    search: 'Find in the output',
    found: (place: number, count: number) => `${place} of ${count}`,
    foundNone: 'Not found',
    previous: 'Previous find',
    next: 'Next find',
    download: 'Download',
    label: (stream: string) => `Output: ${stream}`,
    empty: 'Nothing was printed.',
    expired: (at: string) =>
      `The output was removed on ${at}: output is kept for a limited time after an execution ends.`,
    emptyYet: 'Nothing was printed yet. It appears here as it is printed.',
    dropped: (count: number) => `The first ${plural(count, 'line')} are not shown here. The download has everything.`,
    agentCut: (bytes: string) => `The instance printed ${bytes} more than is kept: they were left out in the middle.`,
  },
  compare: {
    with: 'Compare with',
    choose: 'Choose another instance',
    find: 'Find an instance of this execution',
    loose: 'Times, numbers, paths and addresses count as equal',
    onlyLeft: (instance: string) => `only on ${instance}`,
    same: 'Both printed the same.',
    summary: (left: number, right: number) => `${plural(left, 'line')} only here, ${plural(right, 'line')} only there`,
    unfold: (count: number) => `Show ${plural(count, 'equal line')}`,
    tooDifferent: 'The two differ too much, or are too long, to be compared here. Download both instead.',
    cut: (bytes: string) => `Compared is the first part of each, ${bytes} at most.`,
    label: 'Differences',
    noTask: 'No task matches',
  },
}
