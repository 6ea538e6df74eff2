import { confirmKnownPlan } from '../../confirm.ts'
import { exitCodes } from '../../exit-code.ts'
import { parseDurationOption } from '../../parse-option.ts'
import {
  addControlOptions,
  addRateOptions,
  allowRebootText,
  type ControlCommandOptions,
  makeRebootOptions,
  type PlanOptions,
  type RateOptions,
  readControls,
  readRate,
  rebootTimeoutText,
} from '../../start-options.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { showPlan } from '../plan.ts'
import { waitFor } from '../start.ts'

interface Options extends RateOptions, ControlCommandOptions, Pick<PlanOptions, 'allowReboot' | 'rebootTimeout'> {
  readonly plan?: boolean
}

export const registerExecutionRollback: Register = (parent, context) => {
  const command = apiCommand<Options>(
    parent,
    context,
    'rollback <id>',
    'return every instance that an execution changed to its previous version and parameters',
    async (run, id: string) => {
      const { client, options } = run
      const { tags, ...controls } = readControls(options)
      if (tags) throw new UsageError('--tag cannot be set for a rollback', 'Use `execution tag` after the start.')
      const asked = { ...readRate(options), ...makeRebootOptions(options) }
      const { mode } = controls
      const plan = await client.executions.planRollback(id, { ...asked, ...(mode && { mode }) })
      if (options.plan || options.output === 'table') await showPlan(run, plan)
      if (options.plan) return exitCodes.success
      if (!(await confirmKnownPlan(run, 'roll back', plan))) return exitCodes.failed
      const execution = await client.executions.rollback(id, { ...asked, ...controls, ifPlan: plan.digest })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
  addControlOptions(addRateOptions(command))
    .option('--plan', 'only show the plan')
    .option('--allow-reboot', allowRebootText)
    .option('--reboot-timeout <time>', rebootTimeoutText, parseDurationOption)
}
