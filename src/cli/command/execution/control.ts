import type { ExecutionView } from '../../../protocol/api/executions.ts'
import { findTaskInstance } from '../../find-instance.ts'
import { printable } from '../../output/printable.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

export const registerExecutionControls: Register = (parent, context) => {
  const control = (verb: 'pause' | 'resume' | 'complete', description: string) =>
    apiCommand(parent, context, `${verb} <id>`, description, async (run, id: string) => {
      printState(run, verb, await run.client.executions[verb](id))
    })
  control('pause', 'start nothing more until it is resumed; what runs may finish')
  control('resume', 'go on with what is paused or waits after a batch or a failure')
  control('complete', 'end an execution in Debug mode: what was never run ends, the verdict is about what happened')
  apiCommand<{ readonly instance?: string }>(
    parent,
    context,
    'cancel <id>',
    'end it: nothing new starts, and what runs is told to stop',
    async (run, id: string) => {
      const { instance } = run.options
      if (instance === undefined) return printState(run, 'cancel', await run.client.executions.cancel(id))
      await run.client.executions.cancelTask(id, await findTaskInstance(run.client, id, instance))
      printState(run, 'cancel', await run.client.executions.get(id))
    },
  ).option('--instance <id>', 'only the task of this one; the others go on')
}

/** State of an execution right after a control request, which takes effect within moments. */
export function printState({ context, print }: ApiRun<object>, verb: string, execution: ExecutionView): void {
  const { id, status, reasonCode, reason, counts } = execution
  print({ id, status, reasonCode, reason, counts }, () => {
    context.out.line(`${verb} is accepted; ${id} was ${status} then: ${printable(reason)}`)
  })
}
