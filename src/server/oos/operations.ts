import { cancelExecution } from './operation/execution/cancel-execution.ts'
import { deleteExecutions } from './operation/execution/delete-executions.ts'
import { generateExecutionPolicy } from './operation/execution/generate-execution-policy.ts'
import { getExecutionTemplate } from './operation/execution/get-execution-template.ts'
import { listExecutionLogs } from './operation/execution/list-execution-logs.ts'
import { listExecutionRiskyTasks } from './operation/execution/list-execution-risky-tasks.ts'
import { listExecutions } from './operation/execution/list-executions.ts'
import { listResourceExecutionStatus } from './operation/execution/list-resource-execution-status.ts'
import { listTaskExecutionInvocations } from './operation/execution/list-task-execution-invocations.ts'
import { listTaskExecutions } from './operation/execution/list-task-executions.ts'
import { notifyExecution } from './operation/execution/notify-execution.ts'
import { startExecution } from './operation/execution/start-execution.ts'
import { triggerExecution } from './operation/execution/trigger-execution.ts'
import { updateExecution } from './operation/execution/update-execution.ts'
import { listInstancePackageStates } from './operation/instance/list-instance-package-states.ts'
import { updateInstancePackageState } from './operation/instance/update-instance-package-state.ts'
import { describeRegions } from './operation/service/describe-regions.ts'
import { getServiceSettings } from './operation/service/get-service-settings.ts'
import { setServiceSettings } from './operation/service/set-service-settings.ts'
import { createStateConfiguration } from './operation/state-configuration/create-state-configuration.ts'
import { deleteStateConfigurations } from './operation/state-configuration/delete-state-configurations.ts'
import { listStateConfigurations } from './operation/state-configuration/list-state-configurations.ts'
import { updateStateConfiguration } from './operation/state-configuration/update-state-configuration.ts'
import { changeResourceGroup } from './operation/tag/change-resource-group.ts'
import { listTagKeys } from './operation/tag/list-tag-keys.ts'
import { listTagResources } from './operation/tag/list-tag-resources.ts'
import { listTagValues } from './operation/tag/list-tag-values.ts'
import { tagResources } from './operation/tag/tag-resources.ts'
import { untagResources } from './operation/tag/untag-resources.ts'
import { createTemplate } from './operation/template/create-template.ts'
import { deleteTemplate } from './operation/template/delete-template.ts'
import { deleteTemplates } from './operation/template/delete-templates.ts'
import { getTemplate } from './operation/template/get-template.ts'
import { listActions } from './operation/template/list-actions.ts'
import { listTemplateVersions } from './operation/template/list-template-versions.ts'
import { listTemplates } from './operation/template/list-templates.ts'
import { updateTemplate } from './operation/template/update-template.ts'
import { updateTemplateAttributes } from './operation/template/update-template-attributes.ts'
import { validateTemplateContent } from './operation/template/validate-template-content.ts'
import type { OosOperation } from './operation.ts'

/** All implemented operations of the OOS API, by name. */
export const operations: readonly OosOperation[] = [
  cancelExecution,
  changeResourceGroup,
  createStateConfiguration,
  createTemplate,
  deleteExecutions,
  deleteStateConfigurations,
  deleteTemplate,
  deleteTemplates,
  describeRegions,
  generateExecutionPolicy,
  getExecutionTemplate,
  getServiceSettings,
  getTemplate,
  listActions,
  listExecutionLogs,
  listExecutionRiskyTasks,
  listExecutions,
  listInstancePackageStates,
  listResourceExecutionStatus,
  listStateConfigurations,
  listTagKeys,
  listTagResources,
  listTagValues,
  listTaskExecutionInvocations,
  listTaskExecutions,
  listTemplateVersions,
  listTemplates,
  notifyExecution,
  setServiceSettings,
  startExecution,
  tagResources,
  triggerExecution,
  untagResources,
  updateExecution,
  updateInstancePackageState,
  updateStateConfiguration,
  updateTemplate,
  updateTemplateAttributes,
  validateTemplateContent,
]
