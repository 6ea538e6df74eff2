import PropertyFilter from '@cloudscape-design/components/property-filter'
import { useTexts } from '../../i18n/language.tsx'
import { type Token, tagKeysOf } from '../instance/list/filter-tokens.ts'
import { tagGroup, useFilterProperties } from '../instance/list/use-filter-properties.ts'
import { useFilterValues } from '../instance/list/use-filter-values.ts'

/** Instance conditions with suggested values, and free text where the list supports search. */
export function ConditionsField({
  tokens,
  isFreeText,
  countText = '',
  onChange,
}: {
  readonly tokens: readonly Token[]
  readonly isFreeText: boolean
  readonly countText?: string
  readonly onChange: (tokens: readonly Token[]) => void
}) {
  const { data, instances } = useTexts()
  const { filter } = instances
  const values = useFilterValues()
  const properties = useFilterProperties([...new Set([...values.tagKeys, ...tagKeysOf(tokens)])])
  return (
    <PropertyFilter
      query={{ tokens, operation: 'and' }}
      onChange={({ detail }) => onChange(detail.tokens)}
      filteringProperties={properties}
      filteringOptions={values.options}
      customGroupsText={[{ group: tagGroup, properties: filter.tags, values: filter.values(filter.tags) }]}
      freeTextFiltering={{ operators: [':'], defaultOperator: ':' }}
      disableFreeTextFiltering={!isFreeText}
      asyncProperties
      onLoadItems={({ detail }) => values.load(detail)}
      filteringStatusType={values.statusType}
      filteringLoadingText={filter.loading}
      filteringFinishedText={values.finishedText}
      filteringErrorText={filter.failed}
      filteringRecoveryText={data.tryAgain}
      filteringEmpty={filter.empty}
      filteringAriaLabel={isFreeText ? filter.label : filter.conditions}
      filteringPlaceholder={isFreeText ? filter.placeholder : filter.conditions}
      hideOperations
      expandToViewport
      countText={countText}
      i18nStrings={{ enteredTextLabel: filter.use }}
    />
  )
}
