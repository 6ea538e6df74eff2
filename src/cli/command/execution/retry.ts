import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { waitFor } from '../start.ts'
import { printState } from './control.ts'

interface Options {
  readonly failed?: boolean
  readonly instance?: string
  readonly failure?: string
  readonly clientToken?: string
  readonly detach?: boolean
}

export const registerExecutionRetry: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'retry <id>',
    'try again what failed, was cancelled or never started, as a new execution',
    async (run, id: string) => {
      const { client, options } = run
      if (options.instance !== undefined) {
        if (options.failed || options.failure !== undefined)
          throw new UsageError('--instance excludes --failed and --failure')
        await client.executions.retryTask(id, options.instance)
        return printState(run, 'retry', await client.executions.get(id))
      }
      const { clientToken, failure } = options
      const execution = await client.executions.retry(id, { clientToken, failure })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
    .option('--failed', 'everything that did not succeed (which is what happens without it, too)')
    .option('--failure <key>', 'only a group of failures, as `execution failures` names it')
    .option('--instance <id>', 'only this failed task, in the same execution, while it waits after a failure')
    .option('--client-token <text>', 'the same token starts the same execution once')
    .option('--detach', 'do not wait for its end')
}
