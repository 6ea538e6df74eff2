import { useTexts } from '../../i18n/language.tsx'
import { CountCard } from './count-card.tsx'
import type { OverviewData } from './overview.ts'

export function InstanceCountsCard({ instances }: { readonly instances: OverviewData['instances'] }) {
  const { overview } = useTexts()
  const { title, online, offline, away, all } = overview.instances
  return (
    <CountCard
      title={title}
      description={all(instances.total)}
      columns={3}
      minColumnWidth={100}
      counts={[
        { label: online, value: instances.online, href: '/instances?status=online', type: 'success' },
        { label: offline, value: instances.offline, href: '/instances?status=offline', type: 'stopped' },
        { label: away, value: instances.away, href: '/instances?status=offline', type: 'warning' },
      ]}
    />
  )
}
