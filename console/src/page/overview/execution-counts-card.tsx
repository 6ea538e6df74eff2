import { useTexts } from '../../i18n/language.tsx'
import { CountCard } from './count-card.tsx'
import type { OverviewData } from './overview.ts'

const listOf = (status: string) => `/executions?status=${status}`

export function ExecutionCountsCard({ open, ended }: Pick<OverviewData['executions'], 'open' | 'ended'>) {
  const { overview } = useTexts()
  const { title, detail, running, queued, waiting, success, failed, cancelled } = overview.executions
  return (
    <CountCard
      title={title}
      description={detail}
      columns={3}
      minColumnWidth={140}
      counts={[
        { label: running, value: open.Running, href: listOf('Running'), type: 'in-progress' },
        { label: queued, value: open.Queued + open.Started, href: listOf('Queued'), type: 'pending' },
        { label: waiting, value: open.Waiting, href: listOf('Waiting'), type: 'warning' },
        { label: success, value: ended.Success, href: listOf('Success'), type: 'success' },
        { label: failed, value: ended.Failed, href: listOf('Failed'), type: 'error' },
        { label: cancelled, value: ended.Cancelled, href: listOf('Cancelled'), type: 'stopped' },
      ]}
    />
  )
}
