import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { ExtensionView } from '../../../../src/protocol/api/extensions.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { findRows } from '../../data/find-rows.ts'
import { loadAll } from '../../data/load-all.ts'
import { useQuery } from '../../data/use-query.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { extensionsUrl } from './extensions-url.ts'
import { comparators, countInstalled, findExtensions } from './find-extensions.ts'

/**
 * Extensions of the account with search, sorting and paging in the browser: there are at most some
 * hundreds.
 */
export function ExtensionsTable() {
  const { extensions: texts, data: common } = useTexts()
  const [{ find, sort, page }, setUrl] = useUrlState(extensionsUrl)
  const query = useQuery('extensions/list', (client) => loadAll(client.extensions.list, maxExtensions))
  const found = findExtensions(query.data ?? [], find)
  const rows = findRows(found, { find: '', sort, page }, { textOf: ({ name }) => name, comparators })
  const columns = useColumns()
  const isBackwards = sort.startsWith('-')
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={query.refresh} />
  return (
    <Table<ExtensionView>
      items={rows.items}
      trackBy="name"
      variant="borderless"
      wrapLines
      loading={query.isLoading && !query.data}
      loadingText={common.loading}
      ariaLabels={{ tableLabel: texts.tabs.custom }}
      sortingColumn={{ sortingField: isBackwards ? sort.slice(1) : sort }}
      sortingDescending={isBackwards}
      onSortingChange={({ detail }) =>
        setUrl({ sort: `${detail.isDescending ? '-' : ''}${detail.sortingColumn.sortingField ?? ''}`, page: 1 })
      }
      filter={
        <TextFilter
          filteringText={find}
          filteringPlaceholder={texts.find}
          filteringAriaLabel={texts.find}
          filteringClearAriaLabel={common.clearFilter}
          countText={find === '' ? '' : common.matches(found.length)}
          onChange={({ detail }) => setUrl({ find: detail.filteringText, page: 1 })}
        />
      }
      pagination={
        rows.pageCount > 1 && (
          <Pagination
            currentPageIndex={rows.page}
            pagesCount={rows.pageCount}
            onChange={({ detail }) => setUrl({ page: detail.currentPageIndex })}
            ariaLabels={{
              nextPageLabel: common.nextPage,
              previousPageLabel: common.previousPage,
              pageLabel: common.pageNumber,
            }}
          />
        )
      }
      empty={<Empty isFiltered={find !== ''} onClear={() => setUrl({ find: '', page: 1 })} />}
      columnDefinitions={columns}
    />
  )
}

/** Limit: organisations have some hundreds. */
const maxExtensions = 2_000

function useColumns(): TableProps.ColumnDefinition<ExtensionView>[] {
  const { extensions: texts, data: common } = useTexts()
  const format = useFormat()
  const { column } = texts
  return [
    {
      id: 'name',
      header: column.name,
      minWidth: 140,
      isRowHeader: true,
      sortingField: 'name',
      cell: ({ name }) => <Link href={`/extensions/${encodeURIComponent(name)}`}>{name}</Link>,
    },
    { id: 'type', header: column.type, sortingField: 'type', cell: ({ type }) => texts.types[type] },
    { id: 'version', header: column.latest, cell: ({ latestVersion }) => latestVersion },
    {
      id: 'installed',
      header: column.installed,
      sortingField: 'installed',
      cell: (extension) => <Installed extension={extension} />,
    },
    {
      id: 'tags',
      header: column.tags,
      cell: ({ tags }) =>
        Object.entries(tags)
          .map(([key, value]) => `${key}=${value}`)
          .join(', ') || common.none,
    },
    {
      id: 'updated',
      header: column.updated,
      sortingField: 'updated',
      cell: ({ updatedAt, updatedBy }) => texts.by(format.ago(updatedAt), updatedBy),
    },
    { id: 'description', header: column.description, cell: ({ description }) => description },
  ]
}

function Installed({ extension }: { readonly extension: ExtensionView }) {
  const { extensions: texts } = useTexts()
  const count = countInstalled(extension)
  const { brokenOn } = extension
  const broken = brokenOn > 0 && <Box color="text-status-error">{texts.coverage.broken(brokenOn)}</Box>
  if (count === 0) return broken || <Box color="text-body-secondary">{texts.nowhere}</Box>
  const versions = Object.entries(extension.installedOn).map(([version, on]) => `${version}: ${on}`)
  return (
    <>
      {texts.instances(count)}
      <Box variant="small"> {versions.join(', ')}</Box>
      {broken}
    </>
  )
}

function Empty({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  const { extensions: texts, data } = useTexts()
  return (
    <Box textAlign="center" padding={{ vertical: 'm' }}>
      <SpaceBetween size="xs">
        <b>{isFiltered ? data.noMatch : texts.empty}</b>
        {!isFiltered && <Box color="text-body-secondary">{texts.emptyDetail}</Box>}
        {isFiltered ? (
          <Button onClick={onClear}>{data.clearFilter}</Button>
        ) : (
          <Button href="/extensions/create">{texts.create}</Button>
        )}
      </SpaceBetween>
    </Box>
  )
}
