import type { ExecutionView } from '../../../protocol/api/executions.ts'
import { findTaskInstance } from '../../find-instance.ts'
import { printable } from '../../output/printable.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

export const registerExecutionControls: Register = (parent, context) => {
  const control = (verb: 'pause' | 'resume' | 'complete', description: string) =>
    apiCommand(parent, context, `${verb} <id>`, description, async (run, id: string) => {
      printState(run, verb, await run.client.executions[verb](id))
    })
  control('pause', 'pause an execution: start no new tasks; running tasks finish')
  control('resume', 'resume an execution that is paused or waits after a batch or a failure')
  control('complete', 'complete an execution in Debug mode: cancel the tasks that were not run')
  apiCommand<{ readonly instance?: string }>(
    parent,
    context,
    'cancel <id>',
    'cancel an execution: start no new tasks and stop running ones',
    async (run, id: string) => {
      const { instance } = run.options
      if (instance === undefined) return printState(run, 'cancel', await run.client.executions.cancel(id))
      await run.client.executions.cancelTask(id, await findTaskInstance(run.client, id, instance))
      printState(run, 'cancel', await run.client.executions.get(id))
    },
  ).option('--instance <id>', 'cancel only the task of this instance')
}

/** State of an execution right after a control request, which takes effect within moments. */
export function printState({ context, print }: ApiRun<object>, verb: string, execution: ExecutionView): void {
  const { id, status, reasonCode, reason, counts } = execution
  print({ id, status, reasonCode, reason, counts }, () => {
    context.out.line(`${verb} accepted; status of ${id} at that time: ${status}: ${printable(reason)}`)
  })
}
