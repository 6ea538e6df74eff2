import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { DeliveryView } from '../../../../src/protocol/api/automation/webhooks.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { When } from '../../app/when.tsx'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { eventNameKeys } from './event-name.ts'

const shownDeliveries = 50
const indicators = { pending: 'pending', delivered: 'success', failed: 'error' } as const

/** The newest deliveries of a webhook. */
export function DeliveriesTable({ webhook }: { readonly webhook: string }) {
  const { automation, data: words } = useTexts()
  const { webhooks: texts, column } = automation
  const flashes = useFlashes()
  const query = useQuery(`automation/deliveries/${webhook}`, (client) =>
    client.webhooks.deliveries(webhook, { maxResults: shownDeliveries }),
  )
  const replay = useAction(
    async (client, id: number) => {
      await client.webhooks.replay(webhook, id)
      return true
    },
    ['automation/'],
  )
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={query.refresh} />
  const send = async (id: number) => {
    if (await replay.run(id)) flashes.success(texts.replayed)
  }
  return (
    <>
      {replay.error && <ProblemAlert error={replay.error} />}
      <Table<DeliveryView>
        items={query.data?.items ?? []}
        trackBy={({ id }) => String(id)}
        variant="borderless"
        wrapLines
        loading={query.isLoading && !query.data}
        loadingText={words.loading}
        ariaLabels={{ tableLabel: texts.deliveries(webhook) }}
        empty={texts.noDeliveries}
        header={
          <Header
            variant="h2"
            description={texts.deliveriesDetail}
            actions={<Button iconName="refresh" ariaLabel={automation.refresh} onClick={query.refresh} />}
          >
            {texts.deliveries(webhook)}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'event',
            header: column.event,
            isRowHeader: true,
            minWidth: 160,
            cell: ({ type, executionId }) =>
              executionId === undefined ? (
                texts.eventNames[eventNameKeys[type]]
              ) : (
                <Link href={`/executions/${executionId}`}>{texts.eventNames[eventNameKeys[type]]}</Link>
              ),
          },
          { id: 'at', header: column.at, minWidth: 120, cell: ({ at }) => <When at={at} /> },
          {
            id: 'status',
            header: column.status,
            minWidth: 120,
            cell: ({ status }) => <StatusIndicator type={indicators[status]}>{texts.statuses[status]}</StatusIndicator>,
          },
          { id: 'attempts', header: column.attempts, minWidth: 100, cell: ({ attempts }) => attempts },
          {
            id: 'answer',
            header: column.answer,
            minWidth: 130,
            cell: ({ lastStatus, lastFault }) =>
              [lastStatus, lastFault && (texts.faults[lastFault] ?? lastFault)].filter(Boolean).join(', ') ||
              words.none,
          },
          {
            id: 'next',
            header: column.nextAttempt,
            minWidth: 120,
            cell: ({ nextAttemptAt }) => <When at={nextAttemptAt} />,
          },
          {
            id: 'replay',
            header: '',
            minWidth: 120,
            cell: ({ id, status }) =>
              status !== 'pending' && (
                <PermittedButton
                  permission={{ action: 'chandler:ReplayDelivery', resource: `webhook/${webhook}` }}
                  variant="inline-link"
                  ariaLabel={`${texts.replay} ${id}`}
                  onClick={() => void send(id)}
                >
                  {texts.replay}
                </PermittedButton>
              ),
          },
        ]}
      />
    </>
  )
}
