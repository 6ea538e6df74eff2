import type { TaskStatus } from '../../../../../src/core/execution/execution.ts'

/** Order of statuses in bars: ended tasks first. */
export const barOrder: readonly TaskStatus[] = [
  'Success',
  'Failed',
  'Cancelled',
  'Skipped',
  'Running',
  'Rebooting',
  'Pending',
]

/** Defined in executions.css for both appearances. */
export const statusColours: Readonly<Record<TaskStatus, string>> = {
  Success: 'var(--status-success)',
  Failed: 'var(--status-failed)',
  Cancelled: 'var(--status-cancelled)',
  Skipped: 'var(--status-skipped)',
  Running: 'var(--status-running)',
  Rebooting: 'var(--status-rebooting)',
  Pending: 'var(--status-pending)',
}
