import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import Table from '@cloudscape-design/components/table'
import { ExecutionStatusIndicator } from '../../app/execution-status-indicator.tsx'
import { When } from '../../app/when.tsx'
import { useTexts } from '../../i18n/language.tsx'
import type { OverviewData } from './overview.ts'

type Execution = OverviewData['executions']['recent'][number]

/** Recent executions with their status. */
export function RecentCard({ recent }: { readonly recent: readonly Execution[] }) {
  const { overview, executions } = useTexts()
  const { recent: texts } = overview
  return (
    <Table
      items={recent}
      trackBy="id"
      wrapLines
      header={
        <Header variant="h2" actions={<Link href="/executions">{texts.all}</Link>}>
          {texts.title}
        </Header>
      }
      columnDefinitions={[
        {
          id: 'name',
          header: texts.name,
          minWidth: 160,
          isRowHeader: true,
          cell: ({ id, operation, createdBy }) => (
            <>
              <Link href={`/executions/${id}`}>{executions.nameOperation(operation)}</Link>
              <Box variant="small" display="block">
                {texts.by(createdBy)}
              </Box>
            </>
          ),
        },
        {
          id: 'status',
          header: texts.status,
          minWidth: 120,
          cell: ({ status }) => <ExecutionStatusIndicator status={status} />,
        },
        { id: 'progress', header: texts.progress, minWidth: 100, cell: (execution) => <Progress {...execution} /> },
        { id: 'created', header: texts.created, minWidth: 110, cell: ({ createdAt }) => <When at={createdAt} /> },
      ]}
    />
  )
}

function Progress({ counts, taskCount }: Execution) {
  const { overview } = useTexts()
  const { recent } = overview
  const left = (counts.Pending ?? 0) + (counts.Running ?? 0) + (counts.Rebooting ?? 0)
  const failed = counts.Failed ?? 0
  return (
    <>
      {recent.done(taskCount - left, taskCount)}
      {failed > 0 && (
        <Box variant="small" display="block" color="text-status-error">
          {recent.failed(failed)}
        </Box>
      )}
    </>
  )
}
