import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { AuditEntry } from '../../../../../src/protocol/api/audit-log.ts'
import { useQuery } from '../../../data/use-query.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { accessUrl } from '../access-url.ts'
import { NoList } from '../no-list.tsx'
import { AuditDetail } from './audit-detail.tsx'
import { type AuditFilterState, emptyAuditFilter, renderAuditQuery } from './audit-filter.ts'
import { AuditFilterBar } from './audit-filter-bar.tsx'
import { AuditPages } from './audit-pages.tsx'
import { findResourcePage } from './audit-resource.ts'

const pageSize = 50

/**
 * The audit log: actor, action, resource and source. It is unbounded, so the server filters and
 * paginates it.
 */
export function AuditTab() {
  const { access, data: texts } = useTexts()
  const { audit } = access
  const [url, setUrl] = useUrlState(accessUrl)
  const { actor, action, resource, source, accessKeyId, last, from, to, after } = url
  const filter: AuditFilterState = { actor, action, resource, source, accessKeyId, last, from, to }
  const { data, error, isLoading, isOld, refresh } = useQuery(
    `access/audit?${JSON.stringify([filter, after])}`,
    (client) =>
      client.auditLog.list({
        ...renderAuditQuery(filter, Date.now()),
        maxResults: pageSize,
        nextToken: after || undefined,
      }),
  )
  const columns = useColumns()
  if (error && !data) return <NoList what={access.tabs.audit} error={error} onRetry={refresh} />
  const change = (values: Partial<AuditFilterState>) => setUrl({ ...values, after: '' })
  const isFiltered = Object.values(filter).some((value) => value !== '')
  const items = data?.items ?? []
  return (
    <Table<AuditEntry>
      items={items}
      trackBy="id"
      variant="borderless"
      wrapLines
      loading={isLoading && (!data || isOld)}
      loadingText={texts.loading}
      ariaLabels={{ tableLabel: access.tabs.audit }}
      columnDefinitions={columns}
      header={
        <Header
          variant="h2"
          description={audit.description}
          actions={<Button iconName="refresh" ariaLabel={access.refresh} onClick={refresh} />}
        >
          {access.tabs.audit}
        </Header>
      }
      filter={
        <SpaceBetween size="s">
          {error && <NoList what={access.tabs.audit} error={error} onRetry={refresh} />}
          <AuditFilterBar filter={filter} entries={items} onChange={change} />
        </SpaceBetween>
      }
      footer={
        <AuditPages
          after={after}
          nextToken={data?.nextToken}
          onGo={(place) => setUrl({ after: place }, { push: true })}
        />
      }
      empty={
        <Box textAlign="center" padding={{ vertical: 'm' }}>
          <SpaceBetween size="xs">
            <b>{isFiltered ? audit.noMatch : audit.empty}</b>
            {isFiltered && <Button onClick={() => change(emptyAuditFilter)}>{audit.clear}</Button>}
          </SpaceBetween>
        </Box>
      }
    />
  )
}

function useColumns(): TableProps.ColumnDefinition<AuditEntry>[] {
  const { access } = useTexts()
  const format = useFormat()
  const { column } = access.audit
  return [
    {
      id: 'at',
      header: column.at,
      minWidth: 120,
      maxWidth: 150,
      cell: ({ at }) => <time dateTime={at}>{format.instant(at)}</time>,
    },
    // File names are digests: an unlimited width would push the other columns off the page.
    { id: 'actor', header: column.actor, minWidth: 90, maxWidth: 150, cell: ({ actor }) => <Resource name={actor} /> },
    { id: 'action', header: column.action, minWidth: 130, cell: ({ action }) => action },
    {
      id: 'resource',
      header: column.resource,
      minWidth: 150,
      maxWidth: 210,
      cell: ({ resource }) => <Resource name={resource} />,
    },
    { id: 'source', header: column.source, minWidth: 100, cell: ({ source }) => source },
    { id: 'detail', header: column.detail, minWidth: 180, cell: (entry) => <AuditDetail entry={entry} /> },
  ]
}

function Resource({ name }: { readonly name: string }) {
  const page = findResourcePage(name)
  return page === undefined ? name : <Link href={page}>{name}</Link>
}
