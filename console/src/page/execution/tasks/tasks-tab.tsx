import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { useCallback, useRef, useSyncExternalStore } from 'react'
import type { ExecutionView, TaskView } from '../../../../../src/protocol/api/executions.ts'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { executionParameters } from '../execution-parameters.ts'
import type { LiveExecution } from '../use-execution.ts'
import { countMatches, isFiltered, noTaskFilter, type TaskFilterState } from './task-filter.ts'
import { TaskFilterFields } from './task-filter-fields.tsx'
import { TaskGrid } from './task-grid.tsx'
import { TaskPanel } from './task-panel.tsx'
import { useTaskList } from './use-task-list.ts'

/** Filtered task list with the open task next to it. */
export function TasksTab({
  execution,
  live,
  filter,
}: {
  readonly execution: ExecutionView
  readonly live: LiveExecution
  readonly filter: TaskFilterState
}) {
  const { data, executions } = useTexts()
  const [state, setState] = useUrlState(executionParameters)
  const tasks = useTaskList(execution.id, filter, live.subscribeTasks)
  const known = countMatches(filter, execution)
  const { list, subscribe } = tasks
  // The grid renders rows; this component renders the rest.
  useSyncExternalStore(subscribe, () => `${list.isComplete()} ${list.isOutdated()} ${list.rows().length === 0}`)
  const loaded = list.rows().length
  const isEmpty = loaded === 0 && list.isComplete()
  const isOpen = state.task !== ''
  // An address that names a task opens it; only user actions move the focus.
  const hasOpened = useRef(false)
  const onOpen = useCallback(
    (task: TaskView) => {
      hasOpened.current = true
      setState({ task: task.instanceId, attempt: 0 }, { push: true })
    },
    [setState],
  )
  const place = useRef<HTMLDivElement>(null)
  const onClose = () => {
    setState({ task: '', attempt: 0, with: '', view: 'log' })
    // Returns the focus to the row that opened it.
    place.current?.querySelector<HTMLElement>('[data-place] button[tabindex="0"]')?.focus({ preventScroll: true })
  }
  return (
    <div ref={place} className={isOpen ? 'tasks-tab with-task' : 'tasks-tab'}>
      <div className="tasks-list">
        <TaskFilterFields
          execution={execution}
          filter={filter}
          count={list.isComplete() ? loaded : (known ?? loaded)}
          isCountKnown={known !== undefined || list.isComplete()}
          onChange={setState}
        />
        <ProblemAlert error={tasks.error} onRetry={tasks.reload} />
        {list.isOutdated() && (
          <Alert type="info" action={<Button onClick={tasks.reload}>{data.refresh}</Button>}>
            {executions.tasks.outdated}
          </Alert>
        )}
        {isEmpty ? (
          <Box textAlign="center" padding="l">
            <Box padding={{ bottom: 's' }}>
              {isFiltered(filter) ? executions.tasks.noMatch : executions.tasks.empty}
            </Box>
            {isFiltered(filter) && <Button onClick={() => setState(noTaskFilter)}>{data.clearFilter}</Button>}
          </Box>
        ) : (
          <TaskGrid tasks={tasks} knownCount={known} openTask={state.task} onOpen={onOpen} />
        )}
      </div>
      {isOpen && (
        <TaskPanel
          key={state.task}
          execution={execution}
          instanceId={state.task}
          live={live}
          takesFocus={hasOpened.current}
          onClose={onClose}
        />
      )}
    </div>
  )
}
