import type { TaskStatus } from '../../../../src/core/execution/execution.ts'
import { barOrder, statusColours } from './tasks/status-look.ts'

/** Tasks by status as one line of colours; the numbers stand beside it, so it is not read out. */
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
