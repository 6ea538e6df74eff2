import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { When } from '../../app/when.tsx'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { type AttentionItem, hasMoreAttention, keyOf, listAttention } from './attention-items.ts'
import type { OverviewData } from './overview.ts'

/** Items that need an operator. */
export function AttentionCard({ attention }: { readonly attention: OverviewData['attention'] }) {
  const { data, overview } = useTexts()
  const { attention: texts } = overview
  const items = listAttention(attention)
  const hasMore = hasMoreAttention(attention)
  if (items.length === 0)
    return (
      <Container header={<Header variant="h2">{texts.title}</Header>}>
        <StatusIndicator type="success">{texts.nothing}</StatusIndicator>
        <Box color="text-body-secondary">{texts.nothingDetail}</Box>
      </Container>
    )
  return (
    <Table
      items={items}
      trackBy={keyOf}
      wrapLines
      header={
        <Header variant="h2" counter={items.length > 0 ? `(${items.length}${hasMore ? '+' : ''})` : undefined}>
          {texts.title}
        </Header>
      }
      columnDefinitions={[
        { id: 'kind', header: texts.kindLabel, width: 320, minWidth: 180, cell: (item) => <Kind item={item} /> },
        { id: 'detail', header: texts.detail, minWidth: 220, cell: (item) => <Detail item={item} /> },
        {
          id: 'since',
          header: texts.since,
          width: 160,
          minWidth: 130,
          cell: ({ since }) => <When at={since} absent={data.never} />,
        },
      ]}
      footer={hasMore && <Box color="text-body-secondary">{texts.more}</Box>}
    />
  )
}

function Kind({ item }: { readonly item: AttentionItem }) {
  const { overview, executions } = useTexts()
  const { kind } = overview.attention
  switch (item.kind) {
    case 'waiting':
      return <StatusIndicator type="warning">{executions.executionReason[item.execution.reasonCode]}</StatusIndicator>
    case 'pending':
      return <StatusIndicator type="warning">{kind.pending}</StatusIndicator>
    case 'quarantined':
    case 'failed':
    case 'broken':
      return <StatusIndicator type="error">{kind[item.kind]}</StatusIndicator>
    case 'away':
      return <StatusIndicator type="stopped">{kind.away}</StatusIndicator>
  }
}

function Detail({ item }: { readonly item: AttentionItem }) {
  const { overview, executions } = useTexts()
  const format = useFormat()
  const { attention: texts } = overview
  switch (item.kind) {
    case 'waiting':
    case 'failed': {
      const { id, operation } = item.execution
      return (
        <>
          <Link href={`/executions/${id}`}>{executions.nameOperation(operation)}</Link>
          <Box color="text-body-secondary">{executions.explainExecution(item.execution)}</Box>
        </>
      )
    }
    case 'broken': {
      const { extension, version, executionId } = item.broken
      return (
        <>
          <Link href={`/extensions/${extension}`}>{texts.broken(extension, version)}</Link>
          <SpaceBetween direction="horizontal" size="xs">
            <Box color="text-body-secondary">{texts.brokenDetail}</Box>
            {item.instances.map(({ instanceId, instanceName }) => (
              <Link key={instanceId} href={`/instances/${instanceId}`}>
                {instanceName}
              </Link>
            ))}
            {item.moreCount > 0 && (
              <Link href={`/instances?filter=${encodeURIComponent(`broken=${extension}`)}`}>
                {texts.brokenMore(item.moreCount)}
              </Link>
            )}
            <Box color="text-body-secondary">·</Box>
            <Link href={`/executions/${executionId}`}>{texts.brokenBy}</Link>
          </SpaceBetween>
        </>
      )
    }
    case 'pending':
    case 'quarantined': {
      const { instanceId, instanceName } = item.instance
      return (
        <>
          <Link href={`/instances/${instanceId}`}>{instanceName}</Link>
          <Box color="text-body-secondary">{executions.explainReason(item.instance)}</Box>
        </>
      )
    }
    case 'away': {
      const { instanceId, instanceName, lastSeenAt } = item.instance
      return (
        <>
          <Link href={`/instances/${instanceId}`}>{instanceName}</Link>
          <Box color="text-body-secondary">
            {lastSeenAt === undefined ? texts.neverSeen : texts.away(format.instant(lastSeenAt))}
          </Box>
        </>
      )
    }
  }
}
