import type { Command } from 'commander'
import type { Client } from '../../client/client.ts'
import { itemsOf } from '../../client/pages.ts'
import type { Action } from '../../core/extension/extension.ts'
import type { ExecutionView, TaskView } from '../../protocol/api/executions.ts'
import { confirmPlan } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-code.ts'
import { countWithNoun } from '../output/printable.ts'
import { showOperation } from '../progress/show-operation.ts'
import { printVerdict } from '../progress/verdict.ts'
import { printRunOutput, type RunOutput, readRunOutput } from '../run-output.ts'
import { addStartOptions, makeExecutionRequest, type StartCommandOptions } from '../start-options.ts'
import { watchExecution } from '../watch-execution.ts'
import { type ApiRun, apiCommand, type Register } from './api-command.ts'

const descriptions = {
  install: 'install one or more extensions on instances, in controlled batches',
  update: 'update an extension on the instances that have it',
  uninstall: 'uninstall an extension from instances',
} as const satisfies Record<Action, string>

const registerAction = (parent: Command, context: CliContext, action: Action): void => {
  const command = apiCommand<StartCommandOptions>(
    parent,
    context,
    `${action} <names...>`,
    descriptions[action],
    async (run, names: string[]) => {
      const { client, options } = run
      const request = await makeExecutionRequest(client, action, names, options)
      const asked = {
        what: action,
        always: action === 'uninstall',
        hint: `  for details: chandler plan ${action} …`,
      }
      const ifPlan = options.ifPlan ?? (await confirmPlan(run, asked, request))
      if (ifPlan === 'refused') return exitCodes.failed
      const execution = await client.executions.start({ ...request, ...(ifPlan !== undefined && { ifPlan }) })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
  addStartOptions(command, action)
}

export const registerInstall: Register = (parent, context) => registerAction(parent, context, 'install')
export const registerUpdate: Register = (parent, context) => registerAction(parent, context, 'update')
export const registerUninstall: Register = (parent, context) => registerAction(parent, context, 'uninstall')

/**
 * Unless detached, waits for the end of an execution, prints it, and returns the exit code of its
 * result.
 */
export async function waitFor(
  { client, context, options, print }: ApiRun<object>,
  started: ExecutionView,
  detach: boolean,
  { withOutput = false }: { readonly withOutput?: boolean } = {},
): Promise<ExitCode> {
  const { out, err } = context
  const isDocument = options.output !== 'table'
  if (detach) {
    const answer = isDocument ? await describeExecution(client, started) : undefined
    print(answer, () => {
      out.line(`${started.id}: ${showOperation(started)} on ${countWithNoun(started.taskCount, 'target')}`)
      out.line(`  to follow it: chandler execution show ${started.id} --follow`)
    })
    return exitCodes.success
  }
  const { progress, interrupted } = await watchExecution(context, client, started, isDocument ? err : out)
  if (interrupted) return exitCodes.interrupted
  const { execution } = progress
  // Line output has already shown the failures; the live view truncates them to its width.
  const printed = withOutput ? await readRunOutput(client, execution.id) : undefined
  const answer = isDocument ? await describeExecution(client, execution, printed?.outputs) : undefined
  if (printed && !isDocument) printRunOutput(out, err, printed.outputs)
  if (printed?.isComplete === false)
    err.line(`The output is truncated. To see all of it: chandler logs ${execution.id}`)
  print(answer, () => printVerdict(out, progress, { listFailures: out.isTerminal }))
  return exitCodeOf(execution.status)
}

/**
 * The stable document for scripts: `{"id", "status", "counts", "tasks": [{"instanceId", "status",
 * "reason", "exitCode"}]}`; for a command also `stdout` and `stderr` of each task.
 */
async function describeExecution(
  client: Client,
  { id, status, counts }: ExecutionView,
  outputs?: readonly RunOutput[],
) {
  const byInstance = outputs && new Map(outputs.map((output) => [output.instanceId, output]))
  const tasks: ReturnType<typeof describeTask>[] = []
  for await (const task of itemsOf((page) => client.executions.listTasks(id, page)))
    tasks.push({ ...describeTask(task), ...(byInstance && describeOutput(byInstance.get(task.instanceId))) })
  return { id, status, counts, tasks }
}

const describeOutput = (output: RunOutput | undefined) => ({
  stdout: output?.stdout.toString() ?? '',
  stderr: output?.stderr.toString() ?? '',
})

const describeTask = ({ instanceId, status, reason, exitCode }: TaskView) => ({
  instanceId,
  status,
  reason,
  exitCode: exitCode ?? null,
})
