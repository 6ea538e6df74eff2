import type { Client } from '../../client/client.ts'
import { confirmPlan } from '../confirm.ts'
import { exitCodes } from '../exit-code.ts'
import { collect } from '../parse-option.ts'
import {
  addControlOptions,
  addRateOptions,
  type ControlCommandOptions,
  makeExecutionRequest,
  type RateOptions,
} from '../start-options.ts'
import { UsageError } from '../usage-error.ts'
import { apiCommand, type Register } from './api-command.ts'
import { waitFor } from './start.ts'

interface Options extends RateOptions, ControlCommandOptions {
  readonly filter?: readonly string[]
}

export const registerRepair: Register = (parent, context) => {
  const command = apiCommand<Options>(
    parent,
    context,
    'repair <extension>',
    'install a version again on the instances that have drifted from it; each one checks first',
    async (run, name: string) => {
      const { client, options } = run
      const extension = await findDrifted(client, name)
      if (extension === undefined) {
        run.print({ extension: name, drifted: 0 }, () => context.out.line(`no instance has drifted from ${name}`))
        return exitCodes.success
      }
      const targets = `filter:${[`drifted=${extension}`, ...(options.filter ?? [])].join(',')}`
      const request = await makeExecutionRequest(client, 'install', [extension], { ...options, targets })
      const ifPlan = await confirmPlan(run, { what: 'repair' }, request)
      if (ifPlan === 'refused') return exitCodes.failed
      const execution = await client.executions.start({ ...request, ...(ifPlan !== undefined && { ifPlan }) })
      return waitFor(run, execution, options.detach ?? false)
    },
  ).option('--filter <condition>', 'only these of them, such as tag:env=prod (repeatable)', collect)
  addControlOptions(addRateOptions(command))
}

/**
 * `demo@v7`: the version from which instances have drifted; undefined if none has.
 * @throws UsageError if they have drifted from several; ExtensionNotFound
 */
async function findDrifted(client: Client, name: string): Promise<string | undefined> {
  const [extension = name, version] = name.split('@')
  // A name without instances may be a mistake.
  await client.extensions.get(extension)
  const { values } = await client.instances.values({ property: 'drifted', text: extension })
  const found = values.filter(({ value }) => value.startsWith(`${extension}@`))
  if (version !== undefined) return found.find(({ value }) => value === name)?.value
  if (found.length > 1) {
    const counts = found.map(({ value, count }) => `${value} on ${count}`).join(', ')
    throw new UsageError(
      `instances have drifted from several versions: ${counts}`,
      'Name one of them, such as demo@v7.',
    )
  }
  return found[0]?.value
}
