import type { TaskStatus } from '../../../../src/core/execution/execution.ts'
import { barOrder, statusColours } from './tasks/status-look.ts'

/**
 * Stacked bar of tasks by status; hidden from screen readers because the numbers are next to it.
 */
export function CountsBar({ counts }: { readonly counts: Readonly<Partial<Record<TaskStatus, number>>> }) {
  return (
    <div className="counts-bar" aria-hidden="true">
      {barOrder
        .filter((status) => (counts[status] ?? 0) > 0)
        .map((status) => (
          <span key={status} style={{ flexGrow: counts[status], background: statusColours[status] }} />
        ))}
    </div>
  )
}
