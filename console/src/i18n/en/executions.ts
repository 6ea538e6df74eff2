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
    intro: 'All installations, updates and removals with their results. The list updates live.',
    start: 'Start operation',
    empty: 'No executions yet',
    emptyDetail: 'Install, update or remove an extension on instances. Executions appear here.',
    table: 'Executions',
    filter: 'Filter by status, extension or tag',
    properties: { status: 'Status', extension: 'Extension', tag: 'Tag' },
    propertyGroups: { status: 'Statuses', extension: 'Extensions', tag: 'Tags (key=value)' },
    oneOfEach: 'Filter by one status and one extension at a time. The last of each applies.',
    columns: {
      operation: 'Operation',
      status: 'Status',
      tasks: 'Tasks',
      failed: 'Failed',
      created: 'Started',
      duration: 'Duration',
    },
    shown: (count: number, isAll: boolean) => (isAll ? `(${count})` : `(${count}+)`),
  },
  notFound: 'Go to the list of executions',
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
    paused: 'Execution paused. No new tasks start; running tasks continue.',
    resumed: 'Execution resumed.',
    approved: (batch: number) => `Batch ${batch} approved.`,
    cancelled: 'Cancelling the execution. No new tasks start, and running tasks are stopped.',
    retried: (count: number) => `Started a new execution with ${tasks(count)}.`,
    completed: 'Completing the execution. Tasks that were not run are cancelled.',
    deleted: (name: string) => `${name} deleted.`,
    skipped: (instance: string) => `${instance} skipped.`,
    taskRetried: (instance: string) => `Retrying ${instance}.`,
  },
  retryDialog: {
    title: 'Retry failed tasks?',
    planning: 'Planning the retry',
    what: 'Planned changes',
    rate: 'Rate control',
    atOnce: (concurrency: number, batches: number, maxErrors: number) =>
      `${concurrency.toLocaleString('en')} at a time, ${plural(batches, 'batch', 'batches')}, accepted failures: ${maxErrors.toLocaleString('en')}`,
    more: (count: number) => `and ${count.toLocaleString('en')} more`,
    confirm: 'Retry',
  },
  retryTaskDialog: {
    title: (instance: string) => `Retry the task on ${instance}?`,
    frozen: 'The agent runs the task again as planned when the execution started.',
    failure: 'Last failure',
  },
  cancelDialog: {
    title: 'Cancel this execution?',
    what: (name: string) => `This cancels ${name}. You cannot resume it.`,
    pending: (count: number) => `${tasks(count)} will not start.`,
    running: (count: number) =>
      `${plural(count, 'running task')} will be stopped. The change may remain incomplete on these instances, which are then marked as broken.`,
    stays: (count: number) => `${plural(count, 'completed change')} will be kept.`,
    confirm: 'Cancel execution',
    back: 'Keep running',
  },
  deleteDialog: {
    title: 'Delete this execution?',
    what: (name: string, count: number) =>
      `This deletes ${name}, its ${tasks(count)} and their output. Software installed on the instances is not affected.`,
    confirm: 'Delete',
  },
  summary: {
    elapsed: 'Elapsed',
    expectedEnd: 'Expected end',
    expectedUnknown: 'Not enough data yet',
    expectedPaused: 'Waiting for an operator',
    doneOf: (done: string, total: string) => `${done} of ${total}`,
    errors: 'Error budget used',
    errorsOf: (count: string, max: string) => `${count} of ${max}`,
    errorsOver: 'Exceeded: no new tasks start',
    control: 'Rate control',
    batchControl: (batches: number, concurrency: number) =>
      `${plural(batches, 'batch', 'batches')}, ${concurrency} at a time`,
    concurrencyControl: (concurrency: number) => `${concurrency} at a time`,
    verdict: 'Verdict',
    strict: 'Strict: Failed if any target is left out or fails',
    created: 'Started',
    createdBy: (when: string, who: string) => `${when} by ${who}`,
    ended: 'Ended',
    retryOf: 'Retry of',
    parent: 'Parent execution',
    note: 'Note',
    unknown: '–',
  },
  waiting: {
    queuedTitle: 'Waiting for other executions',
    other: (count: number, sample: string) =>
      `${tasks(count)} waiting for another execution to end, for example on ${sample}:`,
    batchTitle: (batch: number) => `Batch ${batch} is waiting for approval`,
    pausedTitle: 'Paused',
    failureTitle: 'A failure is waiting for a decision',
    failureDetail: 'Retry or skip each failed task, or resume the execution without them.',
    showFailed: 'Show failed tasks',
    debugTitle: 'Step by step: choose the next task',
    debugDetail: 'Open a task and run it. Tasks do not start automatically.',
  },
  statusBar: {
    label: 'Tasks by status. Select a status to filter the tasks.',
    all: 'All',
    part: (status: string, count: string, percent: string) => `${status}: ${count} tasks, ${percent}`,
  },
  batches: {
    label: 'Batches in order. Select a batch to see its tasks.',
    name: (batch: number) => `Batch ${batch}`,
    size: tasks,
    state: {
      ended: 'Ended',
      failed: (count: number) => `Ended, ${count} failed`,
      open: 'Running',
      approval: 'Needs approval',
      paused: 'Paused',
      ahead: 'Not started',
      cancelled: 'Cancelled',
    },
    fewer: 'Show fewer',
    expand: (count: number) => `Show ${plural(count, 'more batch', 'more batches')}`,
  },
  tabs: { tasks: 'Tasks', failures: 'Failures', details: 'Details' },
  tasks: {
    label: 'Tasks',
    search: 'Find by name, ID or reason',
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
    failureFilter: 'Failure group',
    batchFilter: (batch: number) => `Batch ${batch}`,
    shown: (count: string) => `${count} tasks`,
    shownSoFar: (count: string) => `${count} tasks so far`,
    loadingRow: 'Loading',
    outdated: 'This order is out of date: tasks have changed.',
    empty: 'No tasks',
    noMatch: 'No tasks match the filter',
    exit: (code: number) => `Exit code ${code}`,
    exitShort: (code: number) => `exit ${code}`,
    open: (instance: string) => `Show the task on ${instance}`,
    noBatch: '–',
  },
  failures: {
    none: 'No failed tasks',
    title: (count: number, lastLine: string | undefined) =>
      lastLine === undefined ? instances(count) : `${instances(count)}: ${lastLine}`,
    exit: (code: number) => `exit code ${code}`,
    noOutput: 'No output',
    samples: 'Examples',
    hint: 'Suggested fix',
    show: 'Show tasks',
    retry: (count: number) => `Retry group (${count})`,
    incomplete: 'Only the largest groups are shown.',
    notYet: 'You can retry a group after the execution has ended.',
  },
  details: {
    operation: 'Operation',
    script: 'Script',
    targets: 'Targets',
    targetKinds: {
      all: 'All instances',
      ids: (count: number) => `${instances(count)}, by ID`,
      names: (count: number) => `${instances(count)}, by name`,
      tags: (tags: string) => `Instances with the tags ${tags}`,
      group: (group: string) => `Instances in the resource group ${group}`,
      filter: (filter: string) => `Instances that match ${filter}`,
    },
    parameters: 'Parameters',
    mode: 'Execution mode',
    modes: { Automatic: 'Automatic', FailurePause: 'Pause on failure', Debug: 'Step by step' },
    pause: 'Approval between batches',
    pauses: {
      Automatic: 'Never',
      FirstBatchPause: 'After the first batch',
      EveryBatchPause: 'After every batch',
    },
    id: 'Execution ID',
    description: 'Description',
    tags: 'Tags',
    group: 'Resource group',
    copyId: 'Copy ID',
    reasons: 'Tasks by reason',
    reasonColumns: { status: 'Status', reason: 'Reason', count: 'Tasks' },
    cli: 'Command line',
  },
  task: {
    title: (instance: string) => `Task on ${instance}`,
    close: 'Close task',
    tabs: { log: 'Output', compare: 'Compare', attempts: 'Attempts', parameters: 'Parameters' },
    noParameters: 'This task has no parameters.',
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
      output: 'Output size',
      reason: 'Reason',
    },
    noAttempts: 'The server has not sent this task to the instance.',
  },
  log: {
    streams: 'Streams',
    streamNames: { merged: 'Merged', apart: 'Separate', stdout: 'stdout', stderr: 'stderr' },
    attempt: 'Attempt',
    attemptName: (attempt: number) => `Attempt ${attempt}`,
    allAttempts: 'All attempts',
    follow: 'Follow',
    search: 'Find in output',
    found: (place: number, count: number) => `${place} of ${count}`,
    foundNone: 'Not found',
    previous: 'Previous match',
    next: 'Next match',
    download: 'Download',
    label: (stream: string) => `Output: ${stream}`,
    empty: 'No output.',
    expired: (at: string) =>
      `The output was deleted on ${at}. The server keeps output for a limited time after an execution ends.`,
    emptyYet: 'No output yet. New output appears here.',
    dropped: (count: number) =>
      `The first ${plural(count, 'line')} are not shown here. Download the output to see all lines.`,
    agentCut: (bytes: string) =>
      `The output exceeds the limit by ${bytes}. The agent omitted these bytes from the middle.`,
  },
  compare: {
    with: 'Compare with',
    choose: 'Choose another instance',
    find: 'Find an instance in this execution',
    loose: 'Ignore differences in times, numbers, paths and addresses',
    onlyLeft: (instance: string) => `only on ${instance}`,
    same: 'No differences.',
    summary: (left: number, right: number) => `${plural(left, 'line')} only here, ${plural(right, 'line')} only there`,
    unfold: (count: number) => `Show ${plural(count, 'identical line')}`,
    tooDifferent: 'The outputs are too long or too different to compare here. Download both to compare them.',
    cut: (bytes: string) => `Compares only the first ${bytes} of each output.`,
    label: 'Differences',
    noTask: 'No matching tasks',
  },
}
