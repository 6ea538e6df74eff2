import Select from '@cloudscape-design/components/select'
import TextFilter from '@cloudscape-design/components/text-filter'
import Token from '@cloudscape-design/components/token'
import { useEffect, useState } from 'react'
import type { ExecutionView } from '../../../../../src/protocol/api/executions.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { type TaskFilterState, taskOrders } from './task-filter.ts'

interface Change {
  readonly search?: string
  readonly reason?: string
  readonly sort?: TaskFilterState['sort']
  readonly failure?: string
  readonly batch?: number
}

/** Statuses and batches are filtered in the charts above; the other filters are here. */
export function TaskFilterFields({
  execution,
  filter,
  count,
  isCountKnown,
  onChange,
}: {
  readonly execution: ExecutionView
  readonly filter: TaskFilterState
  readonly count: number
  readonly isCountKnown: boolean
  readonly onChange: (change: Change) => void
}) {
  const { data, executions } = useTexts()
  const format = useFormat()
  const { tasks, taskReason } = executions
  const codes = [...new Set(execution.reasons.filter((reason) => reason.count > 0).map(({ reasonCode }) => reasonCode))]
  const any = { value: '', label: tasks.anyReason }
  const reasons = codes.map((code) => ({ value: code as string, label: taskReason[code] }))
  const orders = taskOrders.map((value) => ({ value, label: tasks.orders[value] }))
  return (
    <div className="task-filter">
      <SearchField value={filter.search} onChange={(search) => onChange({ search })} />
      <Select
        ariaLabel={tasks.reason}
        inlineLabelText={tasks.reason}
        options={[any, ...reasons]}
        selectedOption={reasons.find(({ value }) => value === filter.reasonCode) ?? any}
        onChange={({ detail }) => onChange({ reason: detail.selectedOption.value ?? '' })}
      />
      <Select
        ariaLabel={tasks.order}
        inlineLabelText={tasks.order}
        options={orders}
        selectedOption={orders.find(({ value }) => value === filter.sort) ?? null}
        onChange={({ detail }) => onChange({ sort: detail.selectedOption.value as TaskFilterState['sort'] })}
      />
      {filter.failure !== undefined && (
        <Token
          variant="inline"
          label={tasks.failureFilter}
          dismissLabel={data.clearFilter}
          onDismiss={() => onChange({ failure: '' })}
        />
      )}
      {filter.batch !== undefined && (
        <Token
          variant="inline"
          label={tasks.batchFilter(filter.batch)}
          dismissLabel={data.clearFilter}
          onDismiss={() => onChange({ batch: 0 })}
        />
      )}
      <span className="quiet" role="status">
        {isCountKnown ? tasks.shown(format.number(count)) : tasks.shownSoFar(format.number(count))}
      </span>
    </div>
  )
}

/** Debounce before the server is queried. */
const typingPauseMs = 250

function SearchField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const { tasks } = useTexts().executions
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed.trim() === value) return
    const timer = setTimeout(() => onChange(typed.trim()), typingPauseMs)
    return () => clearTimeout(timer)
  })
  return (
    <TextFilter
      filteringText={typed}
      filteringPlaceholder={tasks.search}
      filteringAriaLabel={tasks.search}
      onChange={({ detail }) => setTyped(detail.filteringText.slice(0, 128))}
    />
  )
}
