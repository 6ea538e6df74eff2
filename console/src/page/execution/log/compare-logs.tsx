import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useMemo, useState } from 'react'
import type { ExecutionView, TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { executionParameters, type LogStreams } from '../execution-parameters.ts'
import { executionKey } from '../use-execution.ts'
import { alignLogs } from './align-logs.ts'
import { ComparedLines } from './compared-lines.tsx'
import { OtherTaskField } from './other-task-field.tsx'
import { comparedBytes, readOutputLines } from './read-output-lines.ts'

/** Compares the output with that of another task, to find where similar instances diverged. */
export function CompareLogs({ execution, task }: { readonly execution: ExecutionView; readonly task: TaskDetailView }) {
  const { compare } = useTexts().executions
  const [state, setState] = useUrlState(executionParameters)
  const [isLoose, setIsLoose] = useState(true)
  return (
    <SpaceBetween size="s">
      <OtherTaskField
        executionId={execution.id}
        instanceId={task.instanceId}
        other={state.with}
        onChange={(other) => setState({ with: other })}
      />
      <Checkbox checked={isLoose} onChange={({ detail }) => setIsLoose(detail.checked)}>
        {compare.loose}
      </Checkbox>
      {state.with !== '' && (
        <Comparison
          executionId={execution.id}
          left={task.instanceId}
          right={state.with}
          streams={state.streams}
          isLoose={isLoose}
        />
      )}
    </SpaceBetween>
  )
}

function Comparison({
  executionId,
  left,
  right,
  streams,
  isLoose,
}: {
  readonly executionId: string
  readonly left: string
  readonly right: string
  readonly streams: LogStreams
  readonly isLoose: boolean
}) {
  const { compare } = useTexts().executions
  const format = useFormat()
  const stream = streams === 'stdout' || streams === 'stderr' ? streams : undefined
  const { data, error, isOld, refresh } = useQuery(
    `${executionKey(executionId)}/compare?${JSON.stringify({ left, right, stream })}`,
    async (client) => {
      const read = async (instanceId: string) => {
        const [task, output] = await Promise.all([
          client.executions.getTask(executionId, instanceId),
          readOutputLines(client, executionId, instanceId, stream),
        ])
        return { name: task.instanceName, ...output }
      }
      const [one, other] = await Promise.all([read(left), read(right)])
      return { left: one, right: other }
    },
  )
  const rows = useMemo(() => data && alignLogs(data.left.lines, data.right.lines, { isLoose }), [data, isLoose])
  if (error) return <ProblemAlert error={error} onRetry={refresh} />
  if (!data || isOld) return <Spinner />
  if (!rows) return <Box>{compare.tooDifferent}</Box>
  const count = (kind: 'left' | 'right') => rows.filter((row) => row.kind === kind).length
  const isSame = rows.every(({ kind }) => kind === 'same')
  return (
    <SpaceBetween size="xs">
      <div role="status">{isSame ? compare.same : compare.summary(count('left'), count('right'))}</div>
      {(data.left.isCut || data.right.isCut) && (
        <Box color="text-body-secondary">{compare.cut(format.bytes(comparedBytes))}</Box>
      )}
      <ComparedLines rows={rows} leftName={data.left.name} rightName={data.right.name} />
    </SpaceBetween>
  )
}
