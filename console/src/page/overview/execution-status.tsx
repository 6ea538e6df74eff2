import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { ExecutionStatus as Status } from '../../../../src/core/execution.ts'
import { useTexts } from '../../i18n/language.tsx'

const types: Readonly<Record<Status, StatusIndicatorProps.Type>> = {
  Started: 'pending',
  Queued: 'pending',
  Running: 'in-progress',
  Waiting: 'warning',
  Success: 'success',
  Failed: 'error',
  Cancelled: 'stopped',
}

export function ExecutionStatus({ status }: { readonly status: Status }) {
  const { overview } = useTexts()
  return <StatusIndicator type={types[status]}>{overview.status[status]}</StatusIndicator>
}
