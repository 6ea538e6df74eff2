import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import type { TableProps } from '@cloudscape-design/components/table'
import { useMemo } from 'react'
import type { ExecutionSummary } from '../../../../../src/protocol/api/executions.ts'
import { ExecutionStatusIndicator } from '../../../app/execution-status-indicator.tsx'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { CountsBar } from '../counts-bar.tsx'
import { ElapsedTime } from '../elapsed-time.tsx'

export function useExecutionColumns(): TableProps.ColumnDefinition<ExecutionSummary>[] {
  const { data, executions } = useTexts()
  const format = useFormat()
  return useMemo(() => {
    const { columns } = executions.list
    return [
      {
        id: 'operation',
        header: columns.operation,
        width: 190,
        minWidth: 180,
        isRowHeader: true,
        cell: ({ id, operation, description }) => (
          <>
            <Link href={`/executions/${id}`}>{executions.nameOperation(operation)}</Link>
            <Box variant="small" display="block">
              {description === '' ? id : description}
            </Box>
          </>
        ),
      },
      {
        id: 'status',
        header: columns.status,
        width: 190,
        minWidth: 140,
        cell: ({ status, reasonCode }) => (
          <>
            <ExecutionStatusIndicator status={status} />
            <Box variant="small" display="block">
              {executions.executionReason[reasonCode]}
            </Box>
          </>
        ),
      },
      {
        id: 'tasks',
        header: columns.tasks,
        width: 120,
        minWidth: 110,
        cell: ({ counts, taskCount }) => (
          <>
            <CountsBar counts={counts} />
            <Box variant="small" display="block">
              {executions.summary.doneOf(
                format.number(taskCount - (counts.Pending ?? 0) - (counts.Running ?? 0) - (counts.Rebooting ?? 0)),
                format.number(taskCount),
              )}
            </Box>
          </>
        ),
      },
      {
        id: 'failed',
        header: columns.failed,
        width: 90,
        cell: ({ id, counts: { Failed } }) =>
          Failed === 0 ? (
            data.none
          ) : (
            <Link href={`/executions/${id}?tab=failures`} ariaLabel={`${columns.failed}: ${Failed}`}>
              {format.number(Failed)}
            </Link>
          ),
      },
      {
        id: 'duration',
        header: columns.duration,
        width: 110,
        cell: ({ startedAt, endedAt }) => <ElapsedTime startedAt={startedAt} endedAt={endedAt} />,
      },
      {
        id: 'created',
        header: columns.created,
        width: 225,
        cell: ({ createdAt, createdBy }) => (
          <>
            {format.instant(createdAt)}
            <Box variant="small" display="block">
              {createdBy}
            </Box>
          </>
        ),
      },
    ]
  }, [data, executions, format])
}
