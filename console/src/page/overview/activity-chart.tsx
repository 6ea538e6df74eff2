import BarChart from '@cloudscape-design/components/bar-chart'
import Box from '@cloudscape-design/components/box'
import {
  colorChartsStatusHigh,
  colorChartsStatusNeutral,
  colorChartsStatusPositive,
} from '@cloudscape-design/design-tokens'
import { useFormat, useLanguage } from '../../i18n/language.tsx'
import { type Ending, findHighest, listActivitySeries, sumActivity } from './activity-series.ts'
import type { OverviewData } from './overview.ts'

const colors: Readonly<Record<Ending, string>> = {
  success: colorChartsStatusPositive,
  failed: colorChartsStatusHigh,
  cancelled: colorChartsStatusNeutral,
}

const chartHeight = 220

/** Ended tasks by hour or day, stacked. */
export function ActivityChart({ activity: { unit, points } }: { readonly activity: OverviewData['activity'] }) {
  const { texts, language } = useLanguage()
  const format = useFormat()
  const { activity } = texts.overview
  const { success, failed, cancelled } = sumActivity(points)
  const ticks = new Intl.DateTimeFormat(
    language,
    unit === 'hour' ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : { month: 'short', day: 'numeric' },
  )
  return (
    <BarChart
      stackedBars
      hideFilter
      height={chartHeight}
      xScaleType="categorical"
      ariaLabel={activity.title}
      ariaDescription={activity.summary(success, failed, cancelled)}
      xTitle={activity.time}
      yTitle={activity.tasks}
      xDomain={points.map(({ at }) => new Date(at))}
      yDomain={[0, findHighest(points)]}
      xTickFormatter={(at) => ticks.format(at)}
      yTickFormatter={(count) => (Number.isInteger(count) ? format.number(count) : '')}
      series={listActivitySeries(points).map(({ ending, data }) => ({
        type: 'bar' as const,
        title: activity[ending],
        color: colors[ending],
        data,
        valueFormatter: (count: number) => format.number(count),
      }))}
      empty={
        <Box textAlign="center" color="text-body-secondary">
          {activity.empty}
        </Box>
      }
    />
  )
}
