import Grid from '@cloudscape-design/components/grid'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Page } from '../../app/page.tsx'
import { PageLoading } from '../../app/page-loading.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useRefreshEvery } from '../../data/use-refresh-every.ts'
import { useTexts } from '../../i18n/language.tsx'
import { choiceParameter, useUrlState } from '../../url/use-url-state.ts'
import { ActivityCard } from './activity-card.tsx'
import { AttentionCard } from './attention-card.tsx'
import { CoverageCard } from './coverage-card.tsx'
import { type DayChoice, dayChoices } from './day-choices.ts'
import { ExecutionCountsCard } from './execution-counts-card.tsx'
import { FirstSteps } from './first-steps.tsx'
import { InstanceCountsCard } from './instance-counts-card.tsx'
import type { OverviewData } from './overview.ts'
import { RecentCard } from './recent-card.tsx'

const urlSchema = { days: choiceParameter(dayChoices, '1') }

/**
 * Events announce changes; polling covers what only time changes: instances become offline, hours
 * end.
 */
const refreshPeriodMs = 60_000

export function OverviewPage() {
  useRefreshEvery('overview', refreshPeriodMs)
  const { shell, overview: texts } = useTexts()
  const [{ days }, setUrl] = useUrlState(urlSchema)
  const { data, error, refresh } = useQuery(`overview?days=${days}`, (client) =>
    client.overview.get({ days: Number(days) }),
  )
  return (
    <Page title={shell.navigation.overview} description={texts.description}>
      <SpaceBetween size="l">
        <ProblemAlert error={error} onRetry={refresh} />
        {!data && !error && <PageLoading />}
        {data && <Cards overview={data} days={days} onDays={(next) => setUrl({ days: next })} />}
      </SpaceBetween>
    </Page>
  )
}

const half = { default: 12, s: 6 } as const
const all = { default: 12 } as const

function Cards({
  overview,
  days,
  onDays,
}: {
  readonly overview: OverviewData
  readonly days: DayChoice
  readonly onDays: (days: DayChoice) => void
}) {
  const { instances, executions, extensions, attention, activity } = overview
  const hasRun = executions.recent.length > 0
  const first = !hasRun && <FirstSteps hasInstances={instances.total > 0} />
  // A card of zeros has no information.
  if (first && instances.total === 0) return first
  return (
    <SpaceBetween size="l">
      {first}
      <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
        <InstanceCountsCard instances={instances} />
        <ExecutionCountsCard open={executions.open} ended={executions.ended} />
      </Grid>
      <AttentionCard attention={attention} />
      {hasRun && (
        <Grid gridDefinition={[{ colspan: all }, { colspan: half }, { colspan: half }]}>
          <ActivityCard activity={activity} days={days} onDays={onDays} />
          <RecentCard recent={executions.recent} />
          <CoverageCard coverage={extensions} instanceCount={instances.total} />
        </Grid>
      )}
    </SpaceBetween>
  )
}
