import { maskedValue } from '../../../../core/extension/parameter.ts'
import { templateIdOf } from '../../../../core/oos-template/template-id.ts'
import type { StateConfiguration } from '../../../app/assignment/state-configurations.ts'
import { showTime } from '../../rpc/show-time.ts'
import { showGroupTargets } from './targets.ts'

/** OOS returns parameters as text, except after a creation. */
export function showStateConfiguration(configuration: StateConfiguration) {
  const { Parameters, ...shown } = showCreated(configuration)
  return { ...shown, Parameters: JSON.stringify(Parameters), UpdateTime: showTime(configuration.row.updatedAt) }
}

export function showCreated({ row, secretNames, extensionId }: StateConfiguration) {
  const { stateConfiguration } = row
  const secret = Object.fromEntries(secretNames.map((name) => [name, maskedValue]))
  return {
    StateConfigurationId: row.name,
    TemplateId: extensionId === undefined ? '' : templateIdOf(extensionId),
    TemplateName: row.extension,
    TemplateVersion: row.version ?? '',
    ConfigureMode: row.repair ? 'ApplyAndAutoCorrect' : 'ApplyAndMonitor',
    ScheduleType: 'rate',
    ScheduleExpression: stateConfiguration?.scheduleExpression ?? '30 minutes',
    Targets: stateConfiguration?.targets ?? showGroupTargets(row.group),
    Parameters: { ...row.parameters, ...secret },
    Description: row.description,
    ResourceGroupId: '',
    Tags: {},
    CreateTime: showTime(row.createdAt),
  }
}
