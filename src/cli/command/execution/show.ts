import { Option } from 'commander'
import type { Client } from '../../../client/client.ts'
import { itemsOf } from '../../../client/pages.ts'
import { byKind } from '../../../core/by-kind.ts'
import { taskStatuses } from '../../../core/execution/execution.ts'
import { renderSelector, type Targets } from '../../../core/plan/targets.ts'
import type { ExecutionView, TaskView } from '../../../protocol/api/executions.ts'
import { findTaskInstance } from '../../find-instance.ts'
import { showInstant, showValues } from '../../output/format.ts'
import { clip, countWithNoun } from '../../output/printable.ts'
import type { Sink } from '../../output/sink.ts'
import { printFields, printTable } from '../../output/table.ts'
import { parseCount } from '../../parse-option.ts'
import { waitingHints } from '../../progress/plain-lines.ts'
import { printVerdict } from '../../progress/verdict.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { waitFor } from '../start.ts'

interface Options {
  readonly follow?: boolean
  readonly status?: TaskView['status']
  readonly instance?: string
  readonly limit: number
}

export const registerExecutionShow: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'show <id>',
    'show an execution: status, tasks and reasons',
    async (run, id: string) => {
      const { client, options, print } = run
      const execution = await client.executions.get(id)
      if (options.follow) return await waitFor(run, execution, false)
      if (options.instance !== undefined) {
        const task = await client.executions.getTask(id, await findTaskInstance(client, id, options.instance))
        print(task, () => printTask(context.out, task))
        return
      }
      const limit = options.output === 'table' ? options.limit : Number.POSITIVE_INFINITY
      const tasks = await listTasks(client, id, options.status, limit)
      const answer = { ...execution, tasks: tasks.map((task) => ({ ...task, exitCode: task.exitCode ?? null })) }
      print(answer, () => printExecution(context.out, execution, tasks))
    },
  )
    .option('-f, --follow', 'follow the execution until it ends; the exit code is its result')
    .option('--instance <id>', 'show only the task of this instance, with every attempt')
    .addOption(new Option('--status <status>', 'filter tasks by status').choices(taskStatuses))
    .option('--limit <n>', 'maximum number of tasks in a table', parseCount, 100)
}

/** `demo v2 -> v1 on 3 instances`. */
function showChange({ extension, from, to, broken, count }: NonNullable<ExecutionView['changes']>[number]): string {
  const versions = `${from ?? 'not installed'} -> ${to ?? 'not installed'}${broken ? ' (incomplete)' : ''}`
  return `${extension} ${versions} on ${countWithNoun(count, 'instance')}`
}

function showDecision({ batch, user, approves, comment, at }: NonNullable<ExecutionView['decisions']>[number]): string {
  const decision = `${user} ${approves ? 'approved' : 'rejected'} batch ${batch + 1} at ${showInstant(at)}`
  return comment === undefined ? decision : `${decision}: ${comment}`
}

async function listTasks(client: Client, id: string, status: TaskView['status'] | undefined, limit: number) {
  const tasks: TaskView[] = []
  for await (const task of itemsOf((page) => client.executions.listTasks(id, { ...page, status }))) {
    tasks.push(task)
    if (tasks.length >= limit) break
  }
  return tasks
}

function printExecution(out: Sink, execution: ExecutionView, tasks: readonly TaskView[]): void {
  printFields(out, [
    ['id', execution.id],
    ['script', scriptOf(execution.operation)],
    ['targets', clip(renderSelector(execution.targets as Targets), 120)],
    ...(execution.parameters ?? []).map(
      ({ extension, values }) => ['parameters', showValues(values, extension)] as const,
    ),
    ['description', execution.description],
    ['retry of', execution.retryOf],
    ...(execution.rateControl.gates ?? []).map((gate) => ['gate', gate] as const),
    ...(execution.decisions ?? []).map((decision) => ['decision', showDecision(decision)] as const),
    ['rollback of', execution.rollbackOf],
    ['rolled back by', execution.rolledBackBy],
    ...(execution.changes ?? []).map((change) => ['changed', showChange(change)] as const),
    ['created', `${showInstant(execution.createdAt)} by ${execution.createdBy}`],
    ['output expired', execution.outputExpiredAt && showInstant(execution.outputExpiredAt)],
  ])
  out.line()
  printTable(
    out,
    tasks,
    [
      { title: 'instance', text: ({ instanceId }) => instanceId },
      { title: 'name', text: ({ instanceName }) => instanceName },
      { title: 'batch', text: ({ batch }) => batch },
      { title: 'step', text: ({ step }) => step },
      { title: 'status', text: ({ status }) => status, style: ({ status }) => taskStyles[status] },
      { title: 'exit', text: ({ exitCode }) => exitCode },
      { title: 'why', text: ({ reason }) => reason },
      ...(tasks.some(({ output }) => output) ? [{ title: 'output', text: ({ output }: TaskView) => output }] : []),
    ],
    'no matching tasks',
  )
  if (tasks.length < execution.taskCount) {
    out.line(`${tasks.length} of ${execution.taskCount} tasks shown; use --limit or --status to see others`)
  }
  out.line()
  printVerdict(out, { execution, failures: tasks.filter(({ status }) => status === 'Failed') }, { listFailures: false })
  if (execution.status === 'Waiting') waitingHints(execution).forEach((hint) => out.line(hint))
}

const scriptOf = byKind<ExecutionView['operation'], string | undefined>({
  extension: () => undefined,
  extensions: () => undefined,
  command: ({ content = '' }) => clip(content, 400),
  osPackage: () => undefined,
  agentUpgrade: () => undefined,
  rollback: () => undefined,
})

const taskStyles = {
  Pending: 'dim',
  Running: 'cyan',
  Rebooting: 'yellow',
  Success: 'green',
  Failed: 'red',
  Cancelled: 'yellow',
  Skipped: 'dim',
} as const satisfies Record<TaskView['status'], string>

const showPart = ({ extension, step }: NonNullable<TaskView['parts']>[number]) =>
  step === 'none' ? `${extension} (nothing to do)` : extension

function printTask(out: Sink, task: Awaited<ReturnType<Client['executions']['getTask']>>): void {
  printFields(out, [
    ['task', task.id],
    ['instance', `${task.instanceName} (${task.instanceId})`],
    ['part', task.parts && `${task.part} of ${task.parts.length}: ${task.parts.map(showPart).join(', ')}`],
    ['step', task.step],
    ...task.parameters.map(({ extension, values }) => ['parameters', showValues(values, extension)] as const),
    ['status', task.status],
    ['why', task.reason],
    ['exit code', task.exitCode],
    ['output', task.output],
  ])
  out.line()
  printTable(
    out,
    task.invocations,
    [
      { title: 'attempt', text: ({ attempt }) => attempt },
      { title: 'state', text: ({ state }) => state },
      { title: 'queued', text: ({ queuedAt }) => showInstant(queuedAt) },
      { title: 'ended', text: ({ endedAt }) => endedAt && showInstant(endedAt) },
      { title: 'exit', text: ({ exitCode }) => exitCode },
      { title: 'printed', text: ({ stdoutBytes, stderrBytes }) => `${stdoutBytes} + ${stderrBytes} bytes` },
      { title: 'why', text: ({ reason }) => reason },
    ],
    'not sent to an agent',
  )
}
