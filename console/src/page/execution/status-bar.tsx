import { type TaskStatus, taskStatuses } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { barOrder, statusColours } from './tasks/status-look.ts'

/**
 * Tasks by status as a bar and as buttons, both of which filter. The buttons serve keyboards and
 * screen readers.
 */
export function StatusBar({
  execution: { counts, taskCount },
  chosen,
  onChoose,
}: {
  readonly execution: ExecutionView
  readonly chosen: readonly TaskStatus[]
  readonly onChoose: (statuses: readonly TaskStatus[]) => void
}) {
  const { statusBar, taskStatus } = useTexts().executions
  const format = useFormat()
  const present = barOrder.filter((status) => (counts[status] ?? 0) > 0 || chosen.includes(status))
  const toggle = (status: TaskStatus) =>
    onChoose(taskStatuses.filter((one) => (one === status ? !chosen.includes(one) : chosen.includes(one))))
  const dim = (status: TaskStatus) => chosen.length > 0 && !chosen.includes(status)
  return (
    <div role="group" aria-label={statusBar.label}>
      <div className="status-bar" aria-hidden="true">
        {present.map((status) => (
          <span
            key={status}
            className={dim(status) ? 'dim' : ''}
            title={statusBar.part(
              taskStatus[status],
              format.number(counts[status] ?? 0),
              format.percent((counts[status] ?? 0) / Math.max(1, taskCount)),
            )}
            style={{ flexGrow: counts[status] ?? 0, background: statusColours[status] }}
            onClick={() => toggle(status)}
          />
        ))}
      </div>
      <div className="status-legend">
        <LegendButton
          text={statusBar.all}
          count={format.number(taskCount)}
          isPressed={chosen.length === 0}
          onClick={() => onChoose([])}
        />
        {present.map((status) => (
          <LegendButton
            key={status}
            text={taskStatus[status]}
            count={format.number(counts[status] ?? 0)}
            colour={statusColours[status]}
            isPressed={chosen.includes(status)}
            onClick={() => toggle(status)}
          />
        ))}
      </div>
    </div>
  )
}

function LegendButton({
  text,
  count,
  colour,
  isPressed,
  onClick,
}: {
  readonly text: string
  readonly count: string
  readonly colour?: string
  readonly isPressed: boolean
  readonly onClick: () => void
}) {
  return (
    <button type="button" className="legend-button" aria-pressed={isPressed} onClick={onClick}>
      {colour && <span className="legend-colour" style={{ background: colour }} aria-hidden="true" />}
      {text} <b>{count}</b>
    </button>
  )
}
