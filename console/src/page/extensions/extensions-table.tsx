import { useCollection } from '@cloudscape-design/collection-hooks'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { ExtensionView } from '../../../../src/protocol/api/extensions.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { countInstalled, findExtensions } from './find-extensions.ts'
import { loadAll } from './load-all.ts'

const pageSize = 25

/** The extensions of the account, found in and sorted here: there are some hundreds at most. */
export function ExtensionsTable({ find, onFind }: { readonly find: string; readonly onFind: (text: string) => void }) {
  const { extensions: texts, data: words } = useTexts()
  const format = useFormat()
  const query = useQuery('extensions/list', (client) => loadAll(client.extensions.list))
  const found = findExtensions(query.data ?? [], find)
  const { items, collectionProps, paginationProps } = useCollection(found, {
    sorting: { defaultState: { sortingColumn: { sortingField: 'name' } } },
    pagination: { pageSize },
  })
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={query.refresh} />
  return (
    <Table<ExtensionView>
      {...collectionProps}
      items={items}
      trackBy="name"
      variant="borderless"
      wrapLines
      loading={query.isLoading && !query.data}
      loadingText={words.loading}
      ariaLabels={{ tableLabel: texts.tabs.custom }}
      filter={
        <TextFilter
          filteringText={find}
          filteringPlaceholder={texts.find}
          filteringAriaLabel={texts.find}
          filteringClearAriaLabel={words.clearFilter}
          countText={find === '' ? '' : words.matches(found.length)}
          onChange={({ detail }) => onFind(detail.filteringText)}
        />
      }
      pagination={found.length > pageSize && <Pagination {...paginationProps} />}
      empty={<Empty isFiltered={find !== ''} onClear={() => onFind('')} />}
      columnDefinitions={[
        {
          id: 'name',
          header: texts.column.name,
          isRowHeader: true,
          sortingField: 'name',
          cell: ({ name }) => <Link href={`/extensions/${encodeURIComponent(name)}`}>{name}</Link>,
        },
        { id: 'type', header: texts.column.type, sortingField: 'type', cell: ({ type }) => texts.types[type] },
        { id: 'version', header: texts.column.latest, cell: ({ latestVersion }) => latestVersion },
        {
          id: 'installed',
          header: texts.column.installed,
          sortingComparator: (one, other) => countInstalled(one) - countInstalled(other),
          cell: (extension) => <Installed extension={extension} />,
        },
        {
          id: 'tags',
          header: texts.column.tags,
          cell: ({ tags }) =>
            Object.entries(tags)
              .map(([key, value]) => `${key}=${value}`)
              .join(', ') || words.none,
        },
        {
          id: 'updated',
          header: texts.column.updated,
          sortingField: 'updatedAt',
          cell: ({ updatedAt, updatedBy }) => texts.by(format.ago(updatedAt), updatedBy),
        },
        { id: 'description', header: texts.column.description, cell: ({ description }) => description },
      ]}
    />
  )
}

function Installed({ extension }: { readonly extension: ExtensionView }) {
  const { extensions: texts } = useTexts()
  const count = countInstalled(extension)
  if (count === 0) return <Box color="text-body-secondary">{texts.nowhere}</Box>
  const versions = Object.entries(extension.installedOn).map(([version, on]) => `${version}: ${on}`)
  return (
    <>
      {texts.instances(count)}
      <Box variant="small"> {versions.join(', ')}</Box>
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
