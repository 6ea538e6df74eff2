import { findTaskInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { printState } from './control.ts'

interface Options {
  readonly instance: string
}

export const registerExecutionSkip: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'skip <id>',
    'skip a failed task while the execution waits after a failure',
    async (run, id: string) => {
      const { client, options } = run
      await client.executions.skipTask(id, await findTaskInstance(client, id, options.instance))
      printState(run, 'skip', await run.client.executions.get(id))
    },
  ).requiredOption('--instance <id>', 'instance of the task')
}
