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
    'retry failed, cancelled and unstarted tasks in a new execution',
    async (run, id: string) => {
      const { client, options } = run
      if (options.instance !== undefined) {
        if (options.failed || options.failure !== undefined)
          throw new UsageError('--instance cannot be combined with --failed or --failure')
        await client.executions.retryTask(id, await findTaskInstance(client, id, options.instance))
        return printState(run, 'retry', await client.executions.get(id))
      }
      const { clientToken, failure } = options
      if (!(await confirmCount(run, 'retry', await countRetried(client, id, failure)))) return exitCodes.failed
      const execution = await client.executions.retry(id, { clientToken, failure })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
    .option('--failed', 'retry everything that did not succeed (default)')
    .option('--failure <key>', 'retry only this failure group (see `execution failures`)')
    .option(
      '--instance <id>',
      'retry only the failed task of this instance, within the execution that waits after the failure',
    )
    .option('--client-token <text>', 'idempotency token: repeated requests with this token start one execution')
    .option('--detach', 'return without waiting for the end')
    .option('-y, --yes', 'skip the confirmation on a terminal')
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
