import { findTaskInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { printState } from './control.ts'

interface Options {
  readonly instance: string
}

export const registerExecutionRunTask: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'run-task <id>',
    'run the task of an instance next, in an execution with --mode debug',
    async (run, id: string) => {
      const { client, options } = run
      await client.executions.runTask(id, await findTaskInstance(client, id, options.instance))
      printState(run, 'run-task', await run.client.executions.get(id))
    },
  ).requiredOption('--instance <id>', 'instance of the task')
}
