import Box from '@cloudscape-design/components/box'
import Table from '@cloudscape-design/components/table'
import type { TaskDetailView } from '../../../../../src/protocol/api/executions.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'

/** All attempts of a task and their results. */
export function AttemptsTable({ invocations }: Pick<TaskDetailView, 'invocations'>) {
  const { data, executions } = useTexts()
  const format = useFormat()
  const { attemptColumns: columns } = executions.task
  const instant = (at: string | undefined) => (at === undefined ? data.none : format.instant(at))
  const showReason = ({ reason, reasonMessages }: TaskDetailView['invocations'][number]) =>
    reason === undefined ? data.none : executions.explainReason({ reason, reasonMessages })
  return (
    <Table
      variant="embedded"
      items={invocations}
      trackBy="id"
      ariaLabels={{ tableLabel: executions.task.attempts }}
      empty={<Box textAlign="center">{executions.task.noAttempts}</Box>}
      columnDefinitions={[
        { id: 'attempt', header: columns.attempt, isRowHeader: true, cell: ({ attempt }) => attempt },
        { id: 'state', header: columns.state, cell: ({ state }) => executions.invocationState[state] },
        { id: 'exit', header: columns.exit, cell: ({ exitCode }) => exitCode ?? data.none },
        {
          id: 'output',
          header: columns.output,
          cell: ({ stdoutBytes, stderrBytes }) => format.bytes(stdoutBytes + stderrBytes),
        },
        { id: 'queued', header: columns.queued, cell: ({ queuedAt }) => instant(queuedAt) },
        { id: 'started', header: columns.started, cell: ({ acceptedAt }) => instant(acceptedAt) },
        { id: 'ended', header: columns.ended, cell: ({ endedAt }) => instant(endedAt) },
        { id: 'reason', header: columns.reason, cell: showReason },
      ]}
    />
  )
}
