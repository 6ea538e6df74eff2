import { memo } from 'react'
import type { TaskView } from '../../../../../src/protocol/api/executions.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { ElapsedTime } from '../elapsed-time.tsx'
import { TaskStatusIndicator } from './task-status-indicator.tsx'

interface Place {
  readonly place: number
  /** Pixels from the top of the list. */
  readonly start: number
  readonly height: number
}

interface TaskRowProps extends Place {
  readonly task: TaskView
  readonly isOpen: boolean
  readonly isFocusable: boolean
  readonly onOpen: (task: TaskView) => void
  readonly onFocus: (place: number) => void
}

/**
 * Renders again only if its task changed (a change is a new object). All `onOpen` functions are
 * equivalent.
 */
export const TaskGridRow = memo(
  function TaskRow({ task, place, start, height, isOpen, isFocusable, onOpen, onFocus }: TaskRowProps) {
    const { tasks, explainTask } = useTexts().executions
    const { batch, instanceName, fromVersion, toVersion, exitCode, startedAt, endedAt } = task
    const explanation = explainTask(task)
    return (
      <div
        role="row"
        aria-rowindex={place + 2}
        aria-current={isOpen || undefined}
        data-place={place}
        className={isOpen ? 'task-row open' : 'task-row'}
        style={{ height, top: start }}
        onClick={() => onOpen(task)}
      >
        <span role="cell" className="task-status">
          <TaskStatusIndicator status={task.status} />
        </span>
        <span role="cell" className="task-instance">
          <button
            type="button"
            className="link-button"
            tabIndex={isFocusable ? 0 : -1}
            aria-label={tasks.open(instanceName)}
            onFocus={() => onFocus(place)}
          >
            {instanceName}
          </button>
        </span>
        <span role="cell" className="task-batch">
          {batch > 0 ? batch : tasks.noBatch}
        </span>
        <span role="cell" className="task-version">
          {nameVersions(fromVersion, toVersion)}
        </span>
        <span role="cell" className="task-reason" title={explanation}>
          {exitCode !== undefined && exitCode !== 0 && <b>{tasks.exitShort(exitCode)} · </b>}
          {explanation}
        </span>
        <span role="cell" className="task-time">
          <ElapsedTime startedAt={startedAt} endedAt={endedAt} />
        </span>
      </div>
    )
  },
  (before, now) =>
    before.task === now.task &&
    before.start === now.start &&
    before.height === now.height &&
    before.place === now.place &&
    before.isOpen === now.isOpen &&
    before.isFocusable === now.isFocusable,
)

const nameVersions = (from: string | undefined, to: string | undefined) =>
  from !== undefined && to !== undefined && from !== to ? `${from} → ${to}` : (to ?? from ?? '')

export function LoadingRow({ place, start, height }: Place) {
  const { tasks } = useTexts().executions
  return (
    <div role="row" aria-rowindex={place + 2} className="task-row" style={{ height, top: start }}>
      <span role="cell" className="quiet">
        {tasks.loadingRow}
      </span>
    </div>
  )
}
