import Table from '@cloudscape-design/components/table'
import { useTexts } from '../../../i18n/language.tsx'
import { maxChosen } from '../../batch/batch-state.ts'
import { InstancesEmpty } from './instances-empty.tsx'
import { InstancesFilter } from './instances-filter.tsx'
import { InstancesHeader } from './instances-header.tsx'
import { InstancesPager } from './instances-pager.tsx'
import { InstancesPreferences } from './instances-preferences.tsx'
import { type ChangeInstances, firstPage, type InstancesState, readSort, renderSort } from './instances-state.ts'
import type { TableChoices } from './table-choices.ts'
import type { Instances } from './use-instances.ts'
import { type InstanceTableRow, useInstancesColumns } from './use-instances-columns.tsx'

export function InstancesTable({
  state,
  change,
  list,
  choices,
  onChoose,
  onEnrol,
}: {
  readonly state: InstancesState
  readonly change: ChangeInstances
  readonly list: Instances
  readonly choices: TableChoices
  readonly onChoose: (choices: TableChoices) => void
  readonly onEnrol: () => void
}) {
  const { shell, data, instances } = useTexts()
  const { page, query } = list
  const columns = useInstancesColumns()
  const sort = readSort(state.sort)
  const isFiltered = query.filter !== '' || query.search !== '' || state.at !== ''
  // After a failed query, data of the previous query would be misleading.
  const isFailed = list.problem !== undefined || (page.error !== undefined && (page.isOld || !page.data))
  const rows = isFailed ? [] : (page.data?.items ?? []).map((instance) => ({ id: instance.id, instance }))
  return (
    <Table<InstanceTableRow>
      variant="container"
      stickyHeader
      resizableColumns
      trackBy="id"
      items={rows}
      columnDefinitions={columns}
      columnDisplay={choices.columns}
      wrapLines={choices.wrapLines}
      contentDensity={choices.contentDensity}
      stickyColumns={{ first: 1 }}
      loading={page.isLoading && (page.data === undefined || page.isOld)}
      loadingText={data.loading}
      sortingColumn={{ sortingField: sort.column }}
      sortingDescending={sort.isDescending}
      onSortingChange={({ detail }) =>
        change({
          sort: renderSort(detail.sortingColumn.sortingField ?? '', detail.isDescending === true),
          ...firstPage,
        })
      }
      selectionType="multi"
      selectedItems={state.selected.map((id): InstanceTableRow => ({ id }))}
      onSelectionChange={({ detail }) =>
        change({ selected: detail.selectedItems.map(({ id }) => id).slice(0, maxChosen) })
      }
      ariaLabels={{
        tableLabel: shell.navigation.instances,
        selectionGroupLabel: instances.selection.group,
        allItemsSelectionLabel: () => instances.selection.all,
        itemSelectionLabel: (_, { id, instance }) => instances.selection.row(instance?.name ?? id),
      }}
      header={<InstancesHeader state={state} change={change} list={list} />}
      filter={<InstancesFilter instances={list} change={change} />}
      pagination={<InstancesPager state={state} change={change} instances={list} pageSize={choices.pageSize} />}
      preferences={
        <InstancesPreferences
          choices={choices}
          onChange={(chosen) => {
            // Positions depend on the page size.
            if (chosen.pageSize !== choices.pageSize) change(firstPage)
            onChoose(chosen)
          }}
        />
      }
      empty={
        !isFailed && (
          <InstancesEmpty
            isFiltered={isFiltered}
            onClear={() => change({ filter: '', q: '', status: '', ...firstPage })}
            onEnrol={onEnrol}
          />
        )
      }
    />
  )
}
