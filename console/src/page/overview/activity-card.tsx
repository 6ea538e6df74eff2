import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import Spinner from '@cloudscape-design/components/spinner'
import { lazy, Suspense } from 'react'
import { loadPart } from '../../data/load-part.ts'
import { useTexts } from '../../i18n/language.tsx'
import { sumActivity } from './activity-series.ts'
import { type DayChoice, dayChoices } from './day-choices.ts'
import type { OverviewData } from './overview.ts'

/** Charts are a large part of the component library: load them after the page. */
const ActivityChart = lazy(() =>
  loadPart(async () => ({ default: (await import('./activity-chart.tsx')).ActivityChart })),
)

export function ActivityCard({
  activity,
  days,
  onDays,
}: {
  readonly activity: OverviewData['activity']
  readonly days: DayChoice
  readonly onDays: (days: DayChoice) => void
}) {
  const { overview } = useTexts()
  const { activity: texts, days: daysTexts } = overview
  const { success, failed, cancelled } = sumActivity(activity.points)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={success + failed + cancelled === 0 ? texts.detail : texts.summary(success, failed, cancelled)}
          actions={
            <SegmentedControl
              label={daysTexts.label}
              selectedId={days}
              options={dayChoices.map((id) => ({ id, text: daysTexts.choices[id] }))}
              onChange={({ detail }) => onDays(dayChoices.find((id) => id === detail.selectedId) ?? days)}
            />
          }
        >
          {texts.title}
        </Header>
      }
    >
      <Suspense
        fallback={
          <Box textAlign="center" padding="xxl">
            <Spinner />
          </Box>
        }
      >
        <ActivityChart activity={activity} />
      </Suspense>
    </Container>
  )
}
