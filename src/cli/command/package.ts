import type { Command } from 'commander'
import { Option } from 'commander'
import {
  isOsPackageName,
  type OsPackageAction,
  type OsPackageInstaller,
  osPackageActions,
  osPackageInstallers,
} from '../../core/execution/operation.ts'
import { confirmPlan } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { exitCodes } from '../exit-code.ts'
import { parseDurationOption } from '../parse-option.ts'
import {
  addRunOptions,
  allowRemovalsText,
  autoremoveText,
  type ControlCommandOptions,
  makeRunRequest,
  type TargetOptions,
} from '../start-options.ts'
import { UsageError } from '../usage-error.ts'
import { apiCommand, type Register } from './api-command.ts'
import { waitFor } from './start.ts'

interface PackageOptions extends TargetOptions, ControlCommandOptions {
  readonly installer?: OsPackageInstaller
  readonly timeout?: number
  readonly allowRemovals?: boolean
  readonly autoremove?: boolean
}

const descriptions = {
  install: 'install OS packages; packages that are already installed are not changed',
  uninstall: 'remove OS packages',
  update: 'update installed OS packages to their newest version',
} as const satisfies Record<OsPackageAction, string>

/** All commands of the noun. */
export const registerPackage: Register = (parent, context) => {
  for (const action of osPackageActions) registerAction(parent, context, action)
}

function registerAction(parent: Command, context: CliContext, action: OsPackageAction): void {
  const command = apiCommand<PackageOptions>(
    parent,
    context,
    `${action} <names...>`,
    descriptions[action],
    async (run, names: string[]) => {
      const { client, options } = run
      const wrong = names.find((name) => !isOsPackageName(name))
      if (wrong !== undefined) throw new UsageError(`"${wrong}" is not a valid package name`)
      const { installer, timeout, allowRemovals, autoremove } = options
      const operation = {
        kind: 'osPackage' as const,
        action,
        names,
        ...(installer && { installer }),
        ...(timeout !== undefined && { timeoutMs: timeout }),
        ...(allowRemovals && { allowRemovals }),
        ...(autoremove && { autoremove }),
      }
      const request = await makeRunRequest(operation, options)
      const ifPlan = await confirmPlan(run, { what: `${action} ${names.join(', ')}` }, request)
      if (ifPlan === 'refused') return exitCodes.failed
      const execution = await client.executions.start({ ...request, ...(ifPlan !== undefined && { ifPlan }) })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
  addRunOptions(command)
    .addOption(
      new Option('--installer <name>', 'package manager (default: the one of the instance)').choices(
        osPackageInstallers,
      ),
    )
    .option('--timeout <time>', 'timeout on each instance (default: 15m)', parseDurationOption)
    .option('--allow-removals', allowRemovalsText)
  if (action === 'uninstall') command.option('--autoremove', autoremoveText)
}
