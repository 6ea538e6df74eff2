import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { runningTaskStatuses } from '../../../../../src/core/execution/execution.ts'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { executionKey } from '../use-execution.ts'

const shownTasks = 50

/** Selects another task of the execution; the server searches, whatever their number. */
export function OtherTaskField({
  executionId,
  instanceId,
  other,
  onChange,
}: {
  readonly executionId: string
  readonly instanceId: string
  readonly other: string
  readonly onChange: (instanceId: string) => void
}) {
  const { executions } = useTexts()
  const { compare, taskStatus } = executions
  const [input, setInput] = useState('')
  const search = input.trim() === '' ? undefined : input.trim().slice(0, 128)
  const { data, isLoading } = useQuery(`${executionKey(executionId)}/others?${JSON.stringify({ search })}`, (client) =>
    client.executions.listTasks(executionId, {
      search,
      maxResults: shownTasks,
      status: ['Success', 'Failed', ...runningTaskStatuses],
    }),
  )
  const options = (data?.items ?? [])
    .filter((task) => task.instanceId !== instanceId)
    .map((task) => ({ value: task.instanceId, label: task.instanceName, tags: [taskStatus[task.status]] }))
  return (
    <FormField label={compare.with}>
      <Select
        placeholder={compare.choose}
        options={options}
        selectedOption={
          other === '' ? null : (options.find(({ value }) => value === other) ?? { value: other, label: other })
        }
        filteringType="manual"
        filteringPlaceholder={compare.find}
        filteringAriaLabel={compare.find}
        statusType={isLoading && !data ? 'loading' : 'finished'}
        empty={compare.noTask}
        onLoadItems={({ detail }) => setInput(detail.filteringText)}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
      />
    </FormField>
  )
}
