import type { TaskStatus } from '../../../../../src/core/execution/execution.ts'

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
