import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { ReactNode } from 'react'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import type { QueryResult } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { automationUrl } from './automation-url.ts'

/** A short list with actions for the selected row, which is part of the address. */
export function AutomationTable<Item>({
  title,
  description,
  query,
  idOf,
  columns,
  actions,
  empty,
}: {
  readonly title: string
  readonly description: string
  readonly query: QueryResult<{ readonly items: readonly Item[] }>
  readonly idOf: (item: Item) => string
  readonly columns: readonly TableProps.ColumnDefinition<Item>[]
  readonly actions: (selected: Item | undefined) => ReactNode
  readonly empty: { readonly title: string; readonly detail: string }
}) {
  const { automation, data: texts } = useTexts()
  const [url, setUrl] = useUrlState(automationUrl)
  if (query.error && !query.data) return <ProblemAlert error={query.error} onRetry={query.refresh} />
  const items = query.data?.items ?? []
  const selected = items.find((item) => idOf(item) === url.selected)
  return (
    <Table<Item>
      items={items}
      trackBy={idOf}
      variant="borderless"
      wrapLines
      loading={query.isLoading && !query.data}
      loadingText={texts.loading}
      selectionType="single"
      selectedItems={selected ? [selected] : []}
      onSelectionChange={({ detail }) => setUrl({ selected: detail.selectedItems.map(idOf)[0] ?? '' })}
      onRowClick={({ detail }) => setUrl({ selected: idOf(detail.item) })}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: title,
        itemSelectionLabel: (_, item) => automation.select(idOf(item)),
      }}
      columnDefinitions={columns.map((column, index) => ({ minWidth: 110, ...column, isRowHeader: index === 0 }))}
      header={
        <Header
          variant="h2"
          description={description}
          {...(query.data && { counter: `(${items.length})` })}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="refresh" ariaLabel={automation.refresh} onClick={query.refresh} />
              {actions(selected)}
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
      empty={
        <Box textAlign="center" padding={{ vertical: 'm' }}>
          <b>{empty.title}</b>
          <Box color="text-body-secondary">{empty.detail}</Box>
        </Box>
      }
    />
  )
}
