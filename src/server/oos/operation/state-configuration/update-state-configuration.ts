import { z } from 'zod'
import { readAssignment } from '../../../app/assignment/assignments.ts'
import { changeStateConfiguration } from '../../../app/assignment/state-configurations.ts'
import { clientToken } from '../../execution/labels.ts'
import { readRequestedExtension } from '../../execution/read-requested-extension.ts'
import { defineOperation } from '../../operation.ts'
import { text } from '../../rpc/fields.ts'
import { refuseStoreReferences } from '../../rpc/refuse-store-references.ts'
import { configureMode, parameters, scheduleExpression, scheduleType, stateConfigurationId, targets } from './fields.ts'
import { showStateConfiguration } from './show-state-configuration.ts'
import { readConfiguredTargets, showGroupTargets } from './targets.ts'

export const updateStateConfiguration = defineOperation({
  name: 'UpdateStateConfiguration',
  state: { partly: 'as `CreateStateConfiguration`; absent parameters remain as they are' },
  parameters: z.strictObject({
    ClientToken: clientToken(),
    ConfigureMode: configureMode().optional(),
    Description: text(1_024).optional(),
    Parameters: parameters().optional(),
    ScheduleExpression: scheduleExpression().optional(),
    ScheduleType: scheduleType().optional(),
    StateConfigurationId: stateConfigurationId(),
    Targets: targets().optional(),
  }),
  resources: ({ StateConfigurationId }) => [`assignment/${StateConfigurationId}`],
  async run(call, { ConfigureMode, Description, Parameters, ScheduleExpression, StateConfigurationId, Targets }) {
    const { context, actor } = call
    refuseStoreReferences('Parameters', Parameters)
    const { row } = await readAssignment(context, actor, StateConfigurationId)
    const version = /^v\d+$/.test(row.version ?? '') ? row.version : undefined
    const named = { packageName: row.extension, packageVersion: version, parameters: Parameters }
    const given =
      Parameters && (await readRequestedExtension(call, 'install', named, 'Parameters')).requested.parameters
    const record = await changeStateConfiguration(context, actor, row, {
      ...(Description !== undefined && { description: Description }),
      ...(ConfigureMode && { repair: ConfigureMode === 'ApplyAndAutoCorrect' }),
      ...(given && { parameters: given }),
      ...(Targets && { targets: await readConfiguredTargets(call, Targets) }),
      shown: {
        targets: Targets ? JSON.stringify(Targets) : (row.stateConfiguration?.targets ?? showGroupTargets(row.group)),
        scheduleExpression: ScheduleExpression ?? row.stateConfiguration?.scheduleExpression ?? '30 minutes',
      },
    })
    return { StateConfiguration: [showStateConfiguration(record)] }
  },
})
