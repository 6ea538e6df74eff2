import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { TaskStatus } from '../../../../src/core/execution.ts'
import { useTexts } from '../../i18n/language.tsx'

const looks: Readonly<Record<TaskStatus, StatusIndicatorProps.Type>> = {
  Pending: 'pending',
  Running: 'in-progress',
  Success: 'success',
  Failed: 'error',
  Cancelled: 'stopped',
  Skipped: 'not-started',
}

export function TaskStatusIndicator({ status }: { readonly status: TaskStatus }) {
  const { executions } = useTexts()
  return <StatusIndicator type={looks[status]}>{executions.taskStatus[status]}</StatusIndicator>
}
