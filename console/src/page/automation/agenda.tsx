import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { ScheduleView } from '../../../../src/protocol/api/automation/schedules.ts'
import { useQuery } from '../../data/use-query.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { type AgendaEntry, buildAgenda, findCurrentFreezes } from './build-agenda.ts'

/** A calendar of the next starts and of freezes. */
export function Agenda({ schedules }: { readonly schedules: readonly ScheduleView[] }) {
  const { automation } = useTexts()
  const { agenda: texts } = automation
  const format = useFormat()
  const freezes = useQuery('automation/freezes', (client) => client.freezes.list()).data?.items ?? []
  const now = Date.now()
  const days = buildAgenda(schedules, freezes, now, (at) => new Date(at).toDateString())
  const current = findCurrentFreezes(freezes, now)
  return (
    <Container
      header={
        <Header variant="h2" description={texts.description}>
          {texts.title}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {current.map(({ name, endsAt }) => (
          <StatusIndicator key={name} type="stopped">
            {texts.freeze(name)}: {texts.inEffect(format.instant(endsAt))}
          </StatusIndicator>
        ))}
        {days.length === 0 && current.length === 0 && <Box color="text-body-secondary">{texts.empty}</Box>}
        {days.map(({ day, entries }) => (
          <div key={day}>
            <Box variant="h3">{format.day(entries[0]?.at ?? day)}</Box>
            <ul>
              {entries.map((entry) => (
                <li key={`${entry.at} ${entry.kind} ${entry.name}`}>
                  <time dateTime={entry.at}>{format.instant(entry.at)}</time> <Line entry={entry} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </SpaceBetween>
    </Container>
  )
}

function Line({ entry }: { readonly entry: AgendaEntry }) {
  const { agenda: texts } = useTexts().automation
  switch (entry.kind) {
    case 'start':
      return (
        <>
          <b>{entry.name}</b> {entry.operation}
        </>
      )
    case 'freezeBegins':
      return `${texts.freeze(entry.name)} ${texts.begins}`
    case 'freezeEnds':
      return `${texts.freeze(entry.name)} ${texts.ends}`
  }
}
