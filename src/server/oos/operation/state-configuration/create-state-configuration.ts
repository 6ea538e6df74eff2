import { z } from 'zod'
import { createStateConfiguration as create } from '../../../app/assignment/state-configurations.ts'
import { clientToken } from '../../execution/labels.ts'
import { readRequestedExtension } from '../../execution/read-requested-extension.ts'
import { defineOperation } from '../../operation.ts'
import { text } from '../../rpc/fields.ts'
import { refuseStoreReferences } from '../../rpc/refuse-store-references.ts'
import { templateName } from '../../template/template-fields.ts'
import { configureMode, parameters, scheduleExpression, scheduleType, targets } from './fields.ts'
import { showCreated } from './show-state-configuration.ts'
import { readConfiguredTargets } from './targets.ts'

export const createStateConfiguration = defineOperation({
  name: 'CreateStateConfiguration',
  state: {
    partly:
      'creates an assignment ([rollout.md](rollout.md#assignments)): `ConfigureMode` is `ApplyAndAutoCorrect` or `ApplyAndMonitor`, `ScheduleExpression` is stored and returned, but changes are applied when they occur; one filter in `Targets`; without `Tags` and `ResourceGroupId`',
  },
  parameters: z.strictObject({
    ClientToken: clientToken(),
    ConfigureMode: configureMode().default('ApplyAndAutoCorrect'),
    Description: text(1_024).default(''),
    Parameters: parameters().default({}),
    ScheduleExpression: scheduleExpression(),
    ScheduleType: scheduleType(),
    Targets: targets(),
    TemplateName: templateName(),
    TemplateVersion: text(64).optional(),
  }),
  resources: () => ['assignment/*'],
  async run(
    call,
    { ClientToken, ConfigureMode, Description, Parameters, ScheduleExpression, Targets, TemplateName, TemplateVersion },
  ) {
    refuseStoreReferences('Parameters', Parameters)
    const named = { packageName: TemplateName, packageVersion: TemplateVersion, parameters: Parameters }
    const { requested } = await readRequestedExtension(call, 'install', named, 'Parameters')
    const record = await create(call.context, call.actor, {
      clientToken: ClientToken,
      targets: await readConfiguredTargets(call, Targets),
      description: Description,
      extension: TemplateName,
      version: TemplateVersion ?? 'latest',
      parameters: requested.parameters,
      repair: ConfigureMode === 'ApplyAndAutoCorrect',
      shown: { targets: JSON.stringify(Targets), scheduleExpression: ScheduleExpression },
    })
    return { StateConfiguration: showCreated(record) }
  },
})
