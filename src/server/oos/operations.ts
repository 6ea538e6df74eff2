import { cancelExecution } from './operation/cancel-execution.ts'
import { deleteExecutions } from './operation/delete-executions.ts'
import { describeRegions } from './operation/describe-regions.ts'
import { generateExecutionPolicy } from './operation/generate-execution-policy.ts'
import { getExecutionTemplate } from './operation/get-execution-template.ts'
import { listExecutionLogs } from './operation/list-execution-logs.ts'
import { listExecutionRiskyTasks } from './operation/list-execution-risky-tasks.ts'
import { listExecutions } from './operation/list-executions.ts'
import { listResourceExecutionStatus } from './operation/list-resource-execution-status.ts'
import { listTaskExecutionInvocations } from './operation/list-task-execution-invocations.ts'
import { listTaskExecutions } from './operation/list-task-executions.ts'
import { notifyExecution } from './operation/notify-execution.ts'
import { startExecution } from './operation/start-execution.ts'
import { triggerExecution } from './operation/trigger-execution.ts'
import { updateExecution } from './operation/update-execution.ts'
import type { OosOperation } from './operation.ts'

/** Every operation of the OOS API that there is here, by name. */
export const operations: readonly OosOperation[] = [
  describeRegions,
  cancelExecution,
  deleteExecutions,
  generateExecutionPolicy,
  getExecutionTemplate,
  listExecutions,
  listExecutionLogs,
  listExecutionRiskyTasks,
  listResourceExecutionStatus,
  listTaskExecutionInvocations,
  listTaskExecutions,
  notifyExecution,
  startExecution,
  triggerExecution,
  updateExecution,
]
