import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import {
  colorBorderDividerDefault,
  colorChartsStatusHigh,
  colorChartsStatusInfo,
  colorChartsStatusMedium,
  colorChartsStatusNeutral,
  colorChartsStatusPositive,
} from '@cloudscape-design/design-tokens'
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

export const statusColours: Readonly<Record<TaskStatus, string>> = {
  Success: colorChartsStatusPositive,
  Failed: colorChartsStatusHigh,
  Cancelled: colorChartsStatusMedium,
  Skipped: colorChartsStatusNeutral,
  Running: colorChartsStatusInfo,
  Pending: colorBorderDividerDefault,
}
