import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { ExecutionStatus } from '../../../src/core/execution/execution.ts'
import { useTexts } from '../i18n/language.tsx'

const looks: Readonly<Record<ExecutionStatus, StatusIndicatorProps.Type>> = {
  Started: 'in-progress',
  Queued: 'pending',
  Running: 'in-progress',
  Waiting: 'warning',
  Success: 'success',
  Failed: 'error',
  Cancelled: 'stopped',
}

export function ExecutionStatusIndicator({ status }: { readonly status: ExecutionStatus }) {
  const { executions } = useTexts()
  return <StatusIndicator type={looks[status]}>{executions.executionStatus[status]}</StatusIndicator>
}
