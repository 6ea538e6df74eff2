import PropertyFilter from '@cloudscape-design/components/property-filter'
import { executionStatuses } from '../../../../../src/core/execution/execution.ts'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { type ExecutionsFilter, filterProperties, fromTokens, toTokens } from './executions-filter.ts'

export function ExecutionsFilterField({
  filter,
  onChange,
}: {
  readonly filter: ExecutionsFilter
  readonly onChange: (filter: ExecutionsFilter) => void
}) {
  const { data, executions } = useTexts()
  const { list } = executions
  const extensions = useQuery('extensions?names', (client) => client.extensions.list({ maxResults: 1_000 }))
  const tokens = toTokens(filter)
  return (
    <PropertyFilter
      filteringPlaceholder={list.filter}
      filteringAriaLabel={list.filter}
      query={{ tokens, operation: 'and' }}
      hideOperations
      onChange={({ detail }) => onChange(fromTokens(detail.tokens))}
      filteringProperties={filterProperties.map((key) => ({
        key,
        propertyLabel: list.properties[key],
        groupValuesLabel: list.propertyGroups[key],
        operators: [
          key === 'status'
            ? {
                operator: '=' as const,
                format: (value: string) =>
                  executionStatuses.some((status) => status === value)
                    ? executions.executionStatus[value as keyof typeof executions.executionStatus]
                    : value,
              }
            : '=',
        ],
      }))}
      filteringOptions={[
        ...executionStatuses.map((status) => ({
          propertyKey: 'status',
          value: status,
          label: executions.executionStatus[status],
        })),
        ...(extensions.data?.items ?? []).map(({ name }) => ({ propertyKey: 'extension', value: name })),
      ]}
      filteringEmpty={data.noMatch}
      filteringConstraintText={list.oneOfEach}
    />
  )
}
