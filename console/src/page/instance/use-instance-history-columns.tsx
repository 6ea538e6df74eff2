import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import type { TableProps } from '@cloudscape-design/components/table'
import type { InstanceHistoryView } from '../../../../src/protocol/api/instances.ts'
import { renderVersions } from '../../app/operation/render-versions.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { ElapsedTime } from '../execution/elapsed-time.tsx'
import { TaskStatusIndicator } from '../execution/tasks/task-status-indicator.tsx'

export function useInstanceHistoryColumns(): TableProps.ColumnDefinition<InstanceHistoryView>[] {
  const { data, instances, executions } = useTexts()
  const { history: texts } = instances
  const format = useFormat()
  return [
    {
      id: 'what',
      header: texts.what,
      minWidth: 170,
      isRowHeader: true,
      cell: ({ operation, description }) => (
        <>
          {executions.nameOperation(operation)}
          {description !== '' && (
            <Box variant="small" display="block">
              {description}
            </Box>
          )}
        </>
      ),
    },
    {
      id: 'result',
      header: texts.result,
      minWidth: 200,
      cell: ({ task }) => (
        <>
          <TaskStatusIndicator status={task.status} />
          <Box variant="small" display="block">
            {executions.explainTask(task)}
          </Box>
        </>
      ),
    },
    { id: 'versions', header: texts.versions, minWidth: 90, cell: ({ task }) => renderVersions(task) || data.none },
    {
      id: 'execution',
      header: texts.execution,
      minWidth: 190,
      cell: ({ executionId }) => <Link href={`/executions/${executionId}`}>{executionId}</Link>,
    },
    { id: 'by', header: texts.by, minWidth: 80, cell: ({ createdBy }) => createdBy },
    {
      id: 'started',
      header: texts.started,
      minWidth: 130,
      cell: ({ task: { startedAt } }) => (startedAt ? format.instant(startedAt) : data.none),
    },
    {
      id: 'took',
      header: texts.took,
      minWidth: 95,
      cell: ({ task: { startedAt, endedAt } }) =>
        startedAt ? <ElapsedTime startedAt={startedAt} endedAt={endedAt} /> : data.none,
    },
  ]
}
