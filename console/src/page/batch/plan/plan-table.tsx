import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import { useMemo, useState } from 'react'
import type { PlanView } from '../../../../../src/protocol/api/plan/plans.ts'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { countPlan, filterPlan, shownSteps } from '../targets/filter-plan.ts'
import { usePlanColumns } from './use-plan-columns.tsx'
import { usePlanTargets } from './use-plan-targets.ts'

const pageSize = 25

/** Plan by instance with action and reason; the counts filter the table. */
export function PlanTable({ form, plan }: { readonly form: BatchForm; readonly plan: PlanView }) {
  const { data, batch, executions } = useTexts()
  const { confirm } = batch
  const format = useFormat()
  const { state, change } = form
  const [page, setPage] = useState(1)
  const { rows: targets, isWhole, error, refresh } = usePlanTargets(plan)
  const { changes } = countPlan(plan)
  const choices = [
    ...(changes > 0 ? [{ id: 'changes' as const, text: `${confirm.changes} ${format.number(changes)}` }] : []),
    { id: 'all' as const, text: `${confirm.all} ${format.number(plan.targetCount)}` },
    ...shownSteps
      .filter((name) => (plan.counts[name] ?? 0) > 0)
      .map((id) => ({ id, text: `${confirm.steps[id]} ${format.number(plan.counts[id] ?? 0)}` })),
  ]
  // A step that the plan does not contain filters nothing.
  const shown = choices.find(({ id }) => id === state.show)?.id ?? 'all'
  const step = shown === 'all' ? undefined : shown
  const text = state.findPlanned
  const { explainTask } = executions
  const rows = useMemo(() => filterPlan(targets, { step, text }, explainTask), [targets, step, text, explainTask])
  const pagesCount = Math.max(1, Math.ceil(rows.length / pageSize))
  const current = Math.min(page, pagesCount)
  const hasBatches = plan.batchSizes.length > 1 && state.mode !== 'Debug'
  return (
    <Table
      columnDefinitions={usePlanColumns(hasBatches)}
      // Never present a part of the rows as the whole plan.
      loading={!isWhole}
      loadingText={confirm.planning}
      items={rows.slice((current - 1) * pageSize, current * pageSize)}
      trackBy="instanceId"
      wrapLines
      totalItemsCount={rows.length}
      firstIndex={(current - 1) * pageSize + 1}
      ariaLabels={{ tableLabel: confirm.planned }}
      header={
        <Header
          variant="h2"
          counter={
            rows.length === plan.targetCount || !isWhole
              ? `(${format.number(plan.targetCount)})`
              : `(${format.number(rows.length)}/${format.number(plan.targetCount)})`
          }
        >
          {confirm.planned}
        </Header>
      }
      filter={
        <SpaceBetween size="s">
          <ProblemAlert error={error} onRetry={refresh} />
          <SegmentedControl
            label={confirm.counts}
            selectedId={shown}
            options={choices}
            onChange={({ detail }) => {
              setPage(1)
              change({ show: choices.find(({ id }) => id === detail.selectedId)?.id ?? 'all' })
            }}
          />
          <TextFilter
            filteringText={text}
            filteringPlaceholder={confirm.find}
            filteringAriaLabel={confirm.find}
            countText={text === '' ? '' : data.matches(rows.length)}
            onChange={({ detail }) => {
              setPage(1)
              change({ findPlanned: detail.filteringText })
            }}
          />
        </SpaceBetween>
      }
      pagination={
        <Pagination
          currentPageIndex={current}
          pagesCount={pagesCount}
          ariaLabels={{
            nextPageLabel: data.nextPage,
            previousPageLabel: data.previousPage,
            pageLabel: data.pageNumber,
          }}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
        />
      }
      empty={
        <Box textAlign="center" color="text-body-secondary">
          {confirm.noMatch}
        </Box>
      }
    />
  )
}
