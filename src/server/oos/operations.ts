import { cancelExecution } from './operation/cancel-execution.ts'
import { changeResourceGroup } from './operation/change-resource-group.ts'
import { createTemplate } from './operation/create-template.ts'
import { deleteExecutions } from './operation/delete-executions.ts'
import { deleteTemplate } from './operation/delete-template.ts'
import { deleteTemplates } from './operation/delete-templates.ts'
import { describeRegions } from './operation/describe-regions.ts'
import { generateExecutionPolicy } from './operation/generate-execution-policy.ts'
import { getExecutionTemplate } from './operation/get-execution-template.ts'
import { getServiceSettings } from './operation/get-service-settings.ts'
import { getTemplate } from './operation/get-template.ts'
import { listActions } from './operation/list-actions.ts'
import { listExecutionLogs } from './operation/list-execution-logs.ts'
import { listExecutionRiskyTasks } from './operation/list-execution-risky-tasks.ts'
import { listExecutions } from './operation/list-executions.ts'
import { listInstancePackageStates } from './operation/list-instance-package-states.ts'
import { listResourceExecutionStatus } from './operation/list-resource-execution-status.ts'
import { listTagKeys } from './operation/list-tag-keys.ts'
import { listTagResources } from './operation/list-tag-resources.ts'
import { listTagValues } from './operation/list-tag-values.ts'
import { listTaskExecutionInvocations } from './operation/list-task-execution-invocations.ts'
import { listTaskExecutions } from './operation/list-task-executions.ts'
import { listTemplateVersions } from './operation/list-template-versions.ts'
import { listTemplates } from './operation/list-templates.ts'
import { notifyExecution } from './operation/notify-execution.ts'
import { setServiceSettings } from './operation/set-service-settings.ts'
import { startExecution } from './operation/start-execution.ts'
import { tagResources } from './operation/tag-resources.ts'
import { triggerExecution } from './operation/trigger-execution.ts'
import { untagResources } from './operation/untag-resources.ts'
import { updateExecution } from './operation/update-execution.ts'
import { updateInstancePackageState } from './operation/update-instance-package-state.ts'
import { updateTemplate } from './operation/update-template.ts'
import { updateTemplateAttributes } from './operation/update-template-attributes.ts'
import { validateTemplateContent } from './operation/validate-template-content.ts'
import type { OosOperation } from './operation.ts'

/** Every operation of the OOS API that there is here, by name. */
export const operations: readonly OosOperation[] = [
  cancelExecution,
  changeResourceGroup,
  createTemplate,
  deleteExecutions,
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
  updateTemplate,
  updateTemplateAttributes,
  validateTemplateContent,
]
