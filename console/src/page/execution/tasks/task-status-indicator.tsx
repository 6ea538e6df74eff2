import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import { memo } from 'react'
import type { TaskStatus } from '../../../../../src/core/execution/execution.ts'
import { useTexts } from '../../../i18n/language.tsx'

const looks: Readonly<Record<TaskStatus, StatusIndicatorProps.Type>> = {
  Pending: 'pending',
  Running: 'in-progress',
  Rebooting: 'in-progress',
  Success: 'success',
  Failed: 'error',
  Cancelled: 'stopped',
  Skipped: 'not-started',
}

/** Recycled rows change their task many times a second, but rarely their status. */
export const TaskStatusIndicator = memo(function TaskStatusIndicator({ status }: { readonly status: TaskStatus }) {
  const { executions } = useTexts()
  return <StatusIndicator type={looks[status]}>{executions.taskStatus[status]}</StatusIndicator>
})
