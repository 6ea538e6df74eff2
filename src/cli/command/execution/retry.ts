import type { Client } from '../../../client/client.ts'
import { confirmCount } from '../../confirm.ts'
import { exitCodes } from '../../exit-code.ts'
import { findTaskInstance } from '../../find-instance.ts'
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
  readonly yes?: boolean
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
        await client.executions.retryTask(id, await findTaskInstance(client, id, options.instance))
        return printState(run, 'retry', await client.executions.get(id))
      }
      const { clientToken, failure } = options
      if (!(await confirmCount(run, 'try it again', await countRetried(client, id, failure)))) return exitCodes.failed
      const execution = await client.executions.retry(id, { clientToken, failure })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
    .option('--failed', 'everything that did not succeed (which is what happens without it, too)')
    .option('--failure <key>', 'only a group of failures, as `execution failures` names it')
    .option('--instance <id>', 'only this failed task, in the same execution, while it waits after a failure')
    .option('--client-token <text>', 'the same token starts the same execution once')
    .option('--detach', 'do not wait for its end')
    .option('-y, --yes', 'do not ask on a terminal')
}

/** Maximum; instances that were removed since are not retried. */
async function countRetried(client: Client, id: string, failure: string | undefined): Promise<number> {
  if (failure === undefined) {
    const { counts } = await client.executions.get(id)
    return (counts.Failed ?? 0) + (counts.Cancelled ?? 0)
  }
  const { groups } = await client.executions.listFailures(id)
  return groups.find(({ key }) => key === failure)?.count ?? 0
}
