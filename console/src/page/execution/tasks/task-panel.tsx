import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Tabs from '@cloudscape-design/components/tabs'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { ExecutionView, TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { executionParameters } from '../execution-parameters.ts'
import { CompareLogs } from '../log/compare-logs.tsx'
import { TaskLog } from '../log/task-log.tsx'
import { executionKey, type LiveExecution } from '../use-execution.ts'
import { useFreshQuery } from '../use-fresh-query.ts'
import { AttemptsTable } from './attempts-table.tsx'
import { TaskActions } from './task-actions.tsx'
import { TaskParameters } from './task-parameters.tsx'
import { TaskStatusIndicator } from './task-status-indicator.tsx'

interface TaskPanelProps {
  readonly execution: ExecutionView
  readonly instanceId: string
  readonly live: LiveExecution
  readonly takesFocus: boolean
  readonly onClose: () => void
}

/** Details of one task: output, comparison and attempts. Escape closes it. */
export function TaskPanel({ execution, instanceId, live, takesFocus, onClose }: TaskPanelProps) {
  const { executions } = useTexts()
  const [revision, setRevision] = useState(0)
  const { subscribeTasks } = live
  useEffect(
    () =>
      subscribeTasks((tasks) => {
        const own = tasks.find((task) => task.instanceId === instanceId)
        if (own) setRevision(own.revision)
      }),
    [subscribeTasks, instanceId],
  )
  const { data, error, refresh } = useFreshQuery(
    `${executionKey(execution.id)}/task/${instanceId}`,
    revision,
    (client) => client.executions.getTask(execution.id, instanceId),
    500,
  )
  const heading = useRef<HTMLHeadingElement>(null)
  // Keyboard users continue here; on narrow windows the panel may be below the fold.
  useEffect(() => {
    if (takesFocus) heading.current?.focus()
  }, [takesFocus])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) onClose()
  }
  return (
    <section
      className="task-panel"
      aria-label={executions.task.title(data?.instanceName ?? instanceId)}
      onKeyDown={onKeyDown}
    >
      <div className="task-panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {data?.instanceName ?? instanceId}
        </h2>
        <Button variant="icon" iconName="close" ariaLabel={executions.task.close} onClick={onClose} />
      </div>
      {error && !data && <ProblemAlert error={error} onRetry={refresh} />}
      {!error && !data && <Spinner />}
      {data && <TaskContent execution={execution} task={data} />}
    </section>
  )
}

function TaskContent({ execution, task }: { readonly execution: ExecutionView; readonly task: TaskDetailView }) {
  const { executions } = useTexts()
  const [state, setState] = useUrlState(executionParameters)
  const { task: texts } = executions
  return (
    <SpaceBetween size="s">
      <div>
        <TaskStatusIndicator status={task.status} />{' '}
        <Box display="inline" color="text-body-secondary">
          {executions.taskReason[task.reasonCode]}
          {task.exitCode !== undefined && ` · ${executions.tasks.exit(task.exitCode)}`}
        </Box>
        {task.reason !== '' && <Box>{executions.explainReason(task)}</Box>}
        <Link href={`/instances/${encodeURIComponent(task.instanceId)}`}>{task.instanceId}</Link>
      </div>
      <TaskActions execution={execution} task={task} />
      <Tabs
        activeTabId={state.view}
        onChange={({ detail }) => setState({ view: detail.activeTabId as typeof state.view })}
        tabs={[
          { id: 'log', label: texts.tabs.log, content: <TaskLog execution={execution} task={task} /> },
          { id: 'compare', label: texts.tabs.compare, content: <CompareLogs execution={execution} task={task} /> },
          { id: 'attempts', label: texts.tabs.attempts, content: <AttemptsTable invocations={task.invocations} /> },
          { id: 'parameters', label: texts.tabs.parameters, content: <TaskParameters parameters={task.parameters} /> },
        ]}
      />
    </SpaceBetween>
  )
}
