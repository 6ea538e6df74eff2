import type { Command } from 'commander'
import type { Client } from '../../client/client.ts'
import { itemsOf } from '../../client/pages.ts'
import type { Action } from '../../core/extension.ts'
import type { ExecutionRequest, ExecutionView, PlanRequest, TaskView } from '../../protocol/api/executions.ts'
import { askYes } from '../ask-yes.ts'
import type { CliContext } from '../context.ts'
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-code.ts'
import { plural } from '../output/printable.ts'
import { showOperation } from '../progress/progress.ts'
import { printVerdict } from '../progress/verdict.ts'
import { addStartOptions, makeExecutionRequest, type StartOptions } from '../start-options.ts'
import { watchExecution } from '../watch-execution.ts'
import { type ApiRun, apiCommand, type Register } from './api-command.ts'
import { printPlanSummary } from './plan.ts'

const descriptions = {
  install: 'install an extension, or several in order, on instances, in controlled batches',
  update: 'bring instances that have an extension to another version',
  uninstall: 'remove an extension from instances',
} as const satisfies Record<Action, string>

const registerAction = (parent: Command, context: CliContext, action: Action): void => {
  const command = apiCommand<StartOptions>(
    parent,
    context,
    `${action} <names...>`,
    descriptions[action],
    async (run, names: string[]) => {
      const { client, options } = run
      const request = await makeExecutionRequest(client, action, names, options)
      const ifPlan = options.ifPlan ?? (isAsking(run) ? await confirmPlan(run, action, request) : undefined)
      if (ifPlan === 'refused') return exitCodes.failed
      const execution = await client.executions.start({ ...request, ...(ifPlan !== undefined && { ifPlan }) })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
  addStartOptions(command)
}

/** Only a person at a terminal can answer; a script gets what it says. */
const isAsking = ({ context, options }: ApiRun<StartOptions>) =>
  !options.yes && options.output === 'table' && context.out.isTerminal && context.stdin.isTTY === true

/**
 * Shows what would be done where that is much, and asks. What is started then is that plan: its digest is returned, or undefined where
 * nothing was asked.
 */
async function confirmPlan(
  { client, context }: ApiRun<StartOptions>,
  action: Action,
  request: ExecutionRequest,
): Promise<string | undefined> {
  const plan = await client.executions.plan(questionOf(request))
  const { none = 0, skip = 0 } = plan.counts
  const working = plan.targetCount - none - skip
  if (working === 0 || (working === 1 && action !== 'uninstall')) return plan.digest
  printPlanSummary(context.out, plan)
  context.out.line(`  each target and why: chandler plan ${action} …`)
  if (await askYes(context, `${action} on ${plural(working, 'instance')}?`)) return plan.digest
  context.err.line('Nothing was started.')
  return 'refused'
}

/** What a plan is asked for: all of a request but how it is carried out. */
function questionOf(request: ExecutionRequest): PlanRequest {
  const { mode: _, clientToken: __, ifPlan: ___, description: ____, ...rest } = request
  const {
    tags: _tags,
    resourceGroup: _group,
    parentExecutionId: _parent,
    deliveryTimeoutMs: _timeout,
    ...question
  } = rest
  return question
}

export const registerInstall: Register = (parent, context) => registerAction(parent, context, 'install')
export const registerUpdate: Register = (parent, context) => registerAction(parent, context, 'update')
export const registerUninstall: Register = (parent, context) => registerAction(parent, context, 'uninstall')

/** Waits for the end of an execution unless detached, prints it, and gives its verdict as an exit code. */
export async function waitFor(
  { client, context, options, print }: ApiRun<object>,
  started: ExecutionView,
  detach: boolean,
): Promise<ExitCode> {
  const { out, err } = context
  const isDocument = options.output !== 'table'
  if (detach) {
    const answer = isDocument ? await describeExecution(client, started) : undefined
    print(answer, () => {
      out.line(`${started.id}: ${showOperation(started)} on ${plural(started.taskCount, 'target')}`)
      out.line(`  to watch it: chandler execution show ${started.id} --follow`)
    })
    return exitCodes.success
  }
  const { progress, interrupted } = await watchExecution(context, client, started, isDocument ? err : out)
  if (interrupted) return exitCodes.interrupted
  const { execution } = progress
  // What was said line by line is not said again; the picture of a terminal cuts failures to its width.
  const answer = isDocument ? await describeExecution(client, execution) : undefined
  print(answer, () => printVerdict(out, progress, { listFailures: out.isTerminal }))
  return exitCodeOf(execution.status)
}

/** The document that scripts rely on: `{"id", "status", "counts", "tasks": [{"instanceId", "status", "reason", "exitCode"}]}`. */
async function describeExecution(client: Client, { id, status, counts }: ExecutionView) {
  const tasks: ReturnType<typeof describeTask>[] = []
  for await (const task of itemsOf((page) => client.executions.listTasks(id, page))) tasks.push(describeTask(task))
  return { id, status, counts, tasks }
}

const describeTask = ({ instanceId, status, reason, exitCode }: TaskView) => ({
  instanceId,
  status,
  reason,
  exitCode: exitCode ?? null,
})
