import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useMemo, useState } from 'react'
import type { InstanceExtensionView, InstanceView } from '../../../../../src/protocol/api/instances.ts'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { findOpenWork } from '../find-open-work.ts'
import { instanceUrl } from '../instance-url.ts'
import { useInstanceHistory } from '../use-instance-history.ts'
import { findExtensionsHere } from './find-extensions-here.ts'
import { InstanceChange, type RequestedChange } from './instance-change.tsx'
import { InstanceExtensionsFilter } from './instance-extensions-filter.tsx'
import { useInstanceExtensionColumns } from './use-instance-extension-columns.tsx'

/** Limit: organisations have some hundreds; more are found by name. */
const maxRows = 1_000
const pageSize = 25
/** Debounce for the server's search. */
const maxFindLength = 64

/** All extensions from the view of one instance: installed, applicable and not applicable. */
export function InstanceExtensions({ instance }: { readonly instance: InstanceView }) {
  const { data: common, instances } = useTexts()
  const { extensions: texts } = instances
  const format = useFormat()
  const [url, setUrl] = useUrlState(instanceUrl)
  const [change, setChange] = useState<RequestedChange>()
  const { id } = instance
  const name = url.find.trim().slice(0, maxFindLength)
  const query = useQuery(`instance/${id}/extensions?${name}`, (client) =>
    client.instances.listExtensions(id, { maxResults: maxRows, name: name === '' ? undefined : name }),
  )
  const history = useInstanceHistory(id, '')
  const work = useMemo(() => findOpenWork(history.data?.items ?? []), [history.data])
  const columns = useInstanceExtensionColumns(id, work, setChange)
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={query.refresh} />

  const found = findExtensionsHere(query.data?.items ?? [], url)
  const pagesCount = Math.max(1, Math.ceil(found.length / pageSize))
  const page = Math.min(Math.max(1, url.page), pagesCount)
  const isFiltered = url.find !== '' || url.show !== 'all'
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={query.error} onRetry={query.refresh} />
      {query.data?.nextToken !== undefined && <Alert type="info">{texts.cut(maxRows)}</Alert>}
      <Table<InstanceExtensionView>
        items={found.slice((page - 1) * pageSize, page * pageSize)}
        columnDefinitions={columns}
        trackBy="extension"
        variant="borderless"
        wrapLines
        loading={query.isLoading && (!query.data || (query.isOld && found.length === 0))}
        loadingText={common.loading}
        ariaLabels={{ tableLabel: texts.title }}
        header={
          <Header variant="h2" counter={query.data && `(${format.number(found.length)})`}>
            {texts.title}
          </Header>
        }
        filter={<InstanceExtensionsFilter matchCount={found.length} />}
        pagination={
          pagesCount > 1 && (
            <Pagination
              currentPageIndex={page}
              pagesCount={pagesCount}
              ariaLabels={{
                nextPageLabel: common.nextPage,
                previousPageLabel: common.previousPage,
                pageLabel: common.pageNumber,
              }}
              onChange={({ detail }) => setUrl({ page: detail.currentPageIndex })}
            />
          )
        }
        empty={<Empty isFiltered={isFiltered} onClear={() => setUrl({ find: '', show: 'all', page: 1 })} />}
      />
      {change && <InstanceChange instance={instance} change={change} onClose={() => setChange(undefined)} />}
    </SpaceBetween>
  )
}

function Empty({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  const { data, instances } = useTexts()
  return (
    <Box textAlign="center" padding={{ vertical: 'm' }}>
      <SpaceBetween size="xs">
        <b>{isFiltered ? data.noMatch : instances.extensions.empty}</b>
        {isFiltered ? (
          <Button onClick={onClear}>{data.clearFilter}</Button>
        ) : (
          <PermittedButton
            permission={{ action: 'oos:CreateTemplate', resource: 'template/*' }}
            href="/extensions/create"
          >
            {instances.extensions.create}
          </PermittedButton>
        )}
      </SpaceBetween>
    </Box>
  )
}
