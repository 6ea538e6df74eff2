import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { ReactNode } from 'react'
import { When } from '../../app/when.tsx'
import { findRows } from '../../data/find-rows.ts'
import type { QueryResult } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { type AccessTab, accessUrl } from './access-url.ts'
import { Buttons } from './buttons.tsx'
import { NoList } from './no-list.tsx'
import { type All, maxRows } from './use-all.ts'

interface CellColumn<Item> {
  readonly id: string
  readonly header: string
  readonly cell: (item: Item) => ReactNode
  readonly minWidth?: number
  /** Sort value; undefined: not sortable. */
  readonly sortBy?: (item: Item) => string | number
}

/** Relative time, sorted by the exact time; rows without a time come first. */
interface TimeColumn<Item> extends Pick<CellColumn<Item>, 'id' | 'header' | 'minWidth'> {
  readonly time: (item: Item) => string | undefined
}

type AccessColumn<Item> = CellColumn<Item> | TimeColumn<Item>

export interface AccessTableProps<Item> {
  readonly tab: AccessTab
  readonly query: QueryResult<All<Item>>
  readonly description: string
  readonly columns: readonly AccessColumn<Item>[]
  readonly idOf: (item: Item) => string
  /** Text that the search matches. */
  readonly textOf: (item: Item) => string
  /** Buttons; disabled until a row is selected. Undefined: rows are not selectable. */
  readonly actions?: (selected: Item | undefined) => ReactNode
  readonly empty: { readonly title: string; readonly detail: string; readonly action?: ReactNode }
}

/**
 * List of users, keys, tokens, roles or policies with search, sorting and paging; the state is part
 * of the address.
 */
export function AccessTable<Item>(props: AccessTableProps<Item>) {
  const { tab, query, description, idOf, textOf, actions } = props
  const columns = props.columns.map(toCellColumn)
  const { access, data: texts } = useTexts()
  const [url, setUrl] = useUrlState(accessUrl)
  if (query.error && !query.data) return <NoList what={access.tabs[tab]} error={query.error} onRetry={query.refresh} />

  const all = query.data?.items ?? []
  const rows = findRows(all, url, { textOf, comparators: comparatorsOf(columns) })
  const selected = all.find((item) => idOf(item) === url.selected)
  const isBackwards = url.sort.startsWith('-')
  const sortedBy = isBackwards ? url.sort.slice(1) : url.sort
  const counter = rows.matchCount === all.length ? `(${all.length})` : `(${rows.matchCount}/${all.length})`
  const clear = () => setUrl({ find: '', page: 1 })
  return (
    <Table<Item>
      items={rows.items}
      trackBy={idOf}
      variant="borderless"
      wrapLines
      loading={query.isLoading && !query.data}
      loadingText={texts.loading}
      {...(actions && {
        selectionType: 'single' as const,
        selectedItems: selected ? [selected] : [],
        onSelectionChange: ({ detail }: { detail: { selectedItems: Item[] } }) =>
          setUrl({ selected: detail.selectedItems.map(idOf)[0] ?? '' }),
        onRowClick: ({ detail }: { detail: { item: Item } }) => setUrl({ selected: idOf(detail.item) }),
      })}
      ariaLabels={{
        tableLabel: access.tabs[tab],
        selectionGroupLabel: access.selection.group,
        itemSelectionLabel: (_, item) => access.selection.row(idOf(item)),
      }}
      columnDefinitions={columns.map(({ sortBy, ...column }, index) => ({
        ...column,
        isRowHeader: index === 0,
        minWidth: column.minWidth ?? 110,
        ...(sortBy && { sortingField: column.id }),
        ariaLabel: ({ sorted, descending }) =>
          access.sorting[!sorted ? 'none' : descending ? 'down' : 'up'](column.header),
      }))}
      {...(sortedBy !== '' && { sortingColumn: { sortingField: sortedBy } })}
      sortingDescending={isBackwards}
      onSortingChange={({ detail }) =>
        setUrl({ sort: `${detail.isDescending ? '-' : ''}${detail.sortingColumn.sortingField ?? ''}`, page: 1 })
      }
      header={
        <Header
          variant="h2"
          counter={query.data && counter}
          description={query.data?.isCut ? `${description} ${access.cut(maxRows)}` : description}
          actions={
            <Buttons>
              <Button iconName="refresh" ariaLabel={access.refresh} onClick={query.refresh} />
              {actions?.(selected)}
            </Buttons>
          }
        >
          {access.tabs[tab]}
        </Header>
      }
      filter={
        <TextFilter
          filteringText={url.find}
          filteringPlaceholder={access.find}
          filteringAriaLabel={access.find}
          filteringClearAriaLabel={texts.clearFilter}
          countText={url.find === '' ? '' : texts.matches(rows.matchCount)}
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
              nextPageLabel: texts.nextPage,
              previousPageLabel: texts.previousPage,
              pageLabel: texts.pageNumber,
            }}
          />
        )
      }
      empty={<Empty {...props.empty} isFiltered={all.length > 0} onClear={clear} />}
    />
  )
}

function Empty({
  title,
  detail,
  action,
  isFiltered,
  onClear,
}: AccessTableProps<unknown>['empty'] & { readonly isFiltered: boolean; readonly onClear: () => void }) {
  const { data } = useTexts()
  return (
    <Box textAlign="center" padding={{ vertical: 'm' }}>
      <SpaceBetween size="xs">
        <b>{isFiltered ? data.noMatch : title}</b>
        {!isFiltered && <Box color="text-body-secondary">{detail}</Box>}
        {isFiltered ? <Button onClick={onClear}>{data.clearFilter}</Button> : action}
      </SpaceBetween>
    </Box>
  )
}

function toCellColumn<Item>(column: AccessColumn<Item>): CellColumn<Item> {
  if (!('time' in column)) return column
  const { time, ...named } = column
  return { ...named, sortBy: (item) => time(item) ?? '', cell: (item) => <When at={time(item)} /> }
}

const comparatorsOf = <Item,>(columns: readonly CellColumn<Item>[]) =>
  Object.fromEntries(
    columns.flatMap(({ id, sortBy }) =>
      sortBy ? [[id, (one: Item, other: Item) => compare(sortBy(one), sortBy(other))] as const] : [],
    ),
  )

const compare = (one: string | number, other: string | number) =>
  typeof one === 'number' && typeof other === 'number'
    ? one - other
    : String(one).localeCompare(String(other), undefined, { numeric: true })
