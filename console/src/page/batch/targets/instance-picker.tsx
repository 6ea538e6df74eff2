import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { loadAll } from '../../../data/load-all.ts'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { maxChosen } from '../batch-state.ts'
import { type PickerRow, useInstanceColumns } from './use-instance-columns.tsx'
import { useInstancePages } from './use-instance-pages.ts'

/** Paginated instance table with selection; the selection survives searches. */
export function InstancePicker({ form, problem }: { readonly form: BatchForm; readonly problem: string | undefined }) {
  const { data, batch } = useTexts()
  const { targets } = batch
  const { state, change } = form
  const [isOnlyChosen, setIsOnlyChosen] = useState(false)
  const pages = useInstancePages({ search: state.find, ids: isOnlyChosen ? state.instances : undefined })
  const { page, total } = pages
  const chooseAll = useAction(async (client) => {
    const found = await loadAll((part) => client.instances.list({ ...part, ...pages.request }), maxChosen)
    change({ instances: [...new Set([...state.instances, ...found.map(({ id }) => id)])].slice(0, maxChosen) })
  })
  const columns = useInstanceColumns()
  const rows: PickerRow[] = (page.data?.items ?? []).map((instance) => ({ id: instance.id, instance }))
  return (
    <>
      {problem !== undefined && (
        <div className="batch-error">
          <FormField errorText={problem} stretch />
        </div>
      )}
      <Table
        variant="embedded"
        columnDefinitions={columns}
        trackBy="id"
        items={rows}
        loading={page.isLoading && (page.data === undefined || page.isOld)}
        loadingText={data.loading}
        selectionType="multi"
        selectedItems={state.instances.map((id): PickerRow => ({ id }))}
        onSelectionChange={({ detail }) =>
          change({ instances: detail.selectedItems.map(({ id }) => id).slice(0, maxChosen) })
        }
        ariaLabels={{
          tableLabel: targets.table,
          selectionGroupLabel: targets.table,
          allItemsSelectionLabel: () => targets.chooseShown,
          itemSelectionLabel: (_, { id, instance }) => targets.choose(instance?.name ?? id),
        }}
        header={
          <Header
            variant="h3"
            actions={
              <SpaceBetween size="xs" direction="horizontal">
                <Button disabled={state.instances.length === 0} onClick={() => change({ instances: [] })}>
                  {targets.clear}
                </Button>
                {total && !isOnlyChosen && (
                  <Button
                    loading={chooseAll.isRunning}
                    disabled={total.count === 0 || total.count > maxChosen}
                    {...(total.count > maxChosen && { disabledReason: targets.tooManyToChoose(maxChosen) })}
                    onClick={() => void chooseAll.run(undefined)}
                  >
                    {targets.chooseAll(total.count)}
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            {targets.chosen(state.instances.length)}
          </Header>
        }
        filter={
          <SpaceBetween size="s">
            <TextFilter
              filteringText={state.find}
              filteringPlaceholder={targets.find}
              filteringAriaLabel={targets.find}
              countText={state.find !== '' && total ? data.matches(total.count) : ''}
              onChange={({ detail }) => {
                change({ find: detail.filteringText })
                pages.toFirst()
              }}
            />
            <Toggle
              checked={isOnlyChosen}
              onChange={({ detail }) => {
                setIsOnlyChosen(detail.checked)
                pages.toFirst()
              }}
            >
              {targets.onlyChosen}
            </Toggle>
            <ProblemAlert error={page.error ?? chooseAll.error} onRetry={page.refresh} />
          </SpaceBetween>
        }
        pagination={
          <Pagination
            currentPageIndex={pages.index}
            pagesCount={pages.count}
            openEnd={pages.isOpenEnd}
            ariaLabels={{
              nextPageLabel: data.nextPage,
              previousPageLabel: data.previousPage,
              pageLabel: data.pageNumber,
            }}
            onChange={({ detail }) => pages.go(detail.currentPageIndex)}
          />
        }
        empty={<NoInstance isFiltered={state.find !== '' || isOnlyChosen} />}
      />
    </>
  )
}

function NoInstance({ isFiltered }: { readonly isFiltered: boolean }) {
  const { data, batch } = useTexts()
  return (
    <Box textAlign="center" color="text-body-secondary">
      <SpaceBetween size="s">
        {isFiltered ? data.noMatch : batch.targets.noInstance}
        {!isFiltered && <Button href="/instances">{batch.targets.enrol}</Button>}
      </SpaceBetween>
    </Box>
  )
}
