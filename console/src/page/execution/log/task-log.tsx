import Alert from '@cloudscape-design/components/alert'
import { useMemo, useState } from 'react'
import { isTaskEnded } from '../../../../../src/core/execution/execution.ts'
import type { ExecutionView, TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { executionParameters, type LogStreams } from '../execution-parameters.ts'
import { stripAnsi } from './ansi-spans.ts'
import { findLines, type OutputLine } from './log-lines.ts'
import { LogToolbar } from './log-toolbar.tsx'
import { LogView } from './log-view.tsx'
import { useTaskOutput } from './use-task-output.ts'

/** Live task output: merged, one stream, or both side by side. */
export function TaskLog({ execution, task }: { readonly execution: ExecutionView; readonly task: TaskDetailView }) {
  const { log } = useTexts().executions
  const format = useFormat()
  const [state, setState] = useUrlState(executionParameters)
  const output = useTaskOutput(execution.id, task.instanceId)
  const isGoing = !isTaskEnded(task.status)
  const [isFollowing, setIsFollowing] = useState(true)
  const [foundPlace, setFoundPlace] = useState(0)

  const wanted = useMemo(() => {
    const ids = new Set(
      task.invocations.filter(({ attempt }) => attempt === state.attempt).map(({ id: invocationId }) => invocationId),
    )
    return state.attempt === 0 ? output.lines : output.lines.filter(({ invocationId }) => ids.has(invocationId))
  }, [output.lines, task.invocations, state.attempt])
  const panes = useMemo(() => splitStreams(state.streams, wanted), [state.streams, wanted])
  // Search covers both panes in order.
  const all = useMemo(() => panes.flatMap(({ lines }) => lines), [panes])
  const texts = useMemo(() => (state.find === '' ? [] : all.map(({ text }) => stripAnsi(text))), [state.find, all])
  const found = useMemo(() => findLines(texts, state.find), [texts, state.find])
  const place = found.length === 0 ? 0 : foundPlace % found.length
  const foundLine = found.length === 0 ? undefined : all[found[place] ?? 0]
  const { outputExpiredAt } = execution
  const expired = outputExpiredAt === undefined ? undefined : log.expired(format.instant(outputExpiredAt))
  const cutBytes = task.invocations.reduce((sum, one) => sum + one.cutBytes, 0)
  return (
    <div className="task-log">
      <LogToolbar
        executionId={execution.id}
        task={task}
        streams={state.streams}
        attempt={state.attempt}
        find={state.find}
        found={{ place, count: found.length }}
        isFollowing={isFollowing && isGoing}
        canFollow={isGoing}
        onChange={(change) => {
          setState(change)
          if (change.find !== undefined) setFoundPlace(0)
        }}
        onFollow={setIsFollowing}
        onFind={(step) => {
          setIsFollowing(false)
          setFoundPlace((place + step + found.length) % Math.max(1, found.length))
        }}
      />
      {output.droppedLines > 0 && <Alert type="info">{log.dropped(output.droppedLines)}</Alert>}
      {expired !== undefined && <Alert type="info">{expired}</Alert>}
      {cutBytes > 0 && <Alert type="warning">{log.agentCut(format.bytes(cutBytes))}</Alert>}
      <div className={panes.length > 1 ? 'log-panes apart' : 'log-panes'}>
        {panes.map(({ name, lines }) => (
          <LogView
            key={name}
            label={log.label(log.streamNames[name])}
            title={panes.length > 1 ? log.streamNames[name] : undefined}
            lines={lines}
            marksErrors={name === 'merged'}
            find={state.find}
            foundLine={foundLine}
            empty={expired ?? (isGoing ? log.emptyYet : log.empty)}
            isFollowing={isFollowing && isGoing}
            onScrolledUp={() => setIsFollowing(false)}
          />
        ))}
      </div>
    </div>
  )
}

const splitStreams = (streams: LogStreams, lines: readonly OutputLine[]) =>
  (streams === 'apart' ? (['stdout', 'stderr'] as const) : ([streams] as const)).map((name) => ({
    name,
    lines: name === 'merged' ? lines : lines.filter(({ stream }) => stream === name),
  }))
