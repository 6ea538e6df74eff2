import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { ExecutionStatus, TaskStatus } from '../../../../src/core/execution.ts'
import { useTexts } from '../../i18n/language.tsx'
import { executionIndicators, taskIndicators } from './status-look.ts'

export function ExecutionStatusIndicator({ status }: { readonly status: ExecutionStatus }) {
  const { executions } = useTexts()
  return <StatusIndicator type={executionIndicators[status]}>{executions.executionStatus[status]}</StatusIndicator>
}

export function TaskStatusIndicator({ status }: { readonly status: TaskStatus }) {
  const { executions } = useTexts()
  return <StatusIndicator type={taskIndicators[status]}>{executions.taskStatus[status]}</StatusIndicator>
}
