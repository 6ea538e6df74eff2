import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { ExecutionStatus, TaskStatus } from '../../../../src/core/execution.ts'

export const executionIndicators: Readonly<Record<ExecutionStatus, StatusIndicatorProps.Type>> = {
  Started: 'in-progress',
  Queued: 'pending',
  Running: 'in-progress',
  Waiting: 'warning',
  Success: 'success',
  Failed: 'error',
  Cancelled: 'stopped',
}

export const taskIndicators: Readonly<Record<TaskStatus, StatusIndicatorProps.Type>> = {
  Pending: 'pending',
  Running: 'in-progress',
  Success: 'success',
  Failed: 'error',
  Cancelled: 'stopped',
  Skipped: 'not-started',
}

/** The order in which statuses stand in bars: what has ended first, as a bar fills from the left. */
export const barOrder: readonly TaskStatus[] = ['Success', 'Failed', 'Cancelled', 'Skipped', 'Running', 'Pending']

/** In executions.css, for both appearances. */
export const statusColours: Readonly<Record<TaskStatus, string>> = {
  Success: 'var(--status-success)',
  Failed: 'var(--status-failed)',
  Cancelled: 'var(--status-cancelled)',
  Skipped: 'var(--status-skipped)',
  Running: 'var(--status-running)',
  Pending: 'var(--status-pending)',
}
