import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useTexts } from '../../../i18n/language.tsx'
import { readTokens, tagKeysOf } from './filter-tokens.ts'
import { type ChangeInstances, firstPage } from './instances-state.ts'
import { tagGroup, useFilterProperties } from './use-filter-properties.ts'
import { useFilterValues } from './use-filter-values.ts'
import type { Instances } from './use-instances.ts'

/** What is looked for: free text, and conditions whose values the server offers. */
export function InstancesFilter({
  instances: { tokens, problem, total },
  change,
}: {
  readonly instances: Instances
  readonly change: ChangeInstances
}) {
  const { data, instances } = useTexts()
  const { filter } = instances
  const values = useFilterValues()
  const properties = useFilterProperties([...new Set([...values.tagKeys, ...tagKeysOf(tokens)])])
  /** Of what was written last, and is no filter. */
  const [wrong, setWrong] = useState<string>()
  const ask = (found: ReturnType<typeof readTokens>) => {
    setWrong('problem' in found ? found.problem : undefined)
    if ('filter' in found) change({ filter: found.filter, q: found.search, status: '', ...firstPage })
  }
  return (
    <SpaceBetween size="xs">
      <PropertyFilter
        query={{ tokens, operation: 'and' }}
        onChange={({ detail }) => ask(readTokens(detail.tokens))}
        filteringProperties={properties}
        filteringOptions={values.options}
        customGroupsText={[{ group: tagGroup, properties: filter.tags, values: filter.values(filter.tags) }]}
        freeTextFiltering={{ operators: [':'], defaultOperator: ':' }}
        asyncProperties
        onLoadItems={({ detail }) => values.load(detail)}
        filteringStatusType={values.statusType}
        filteringLoadingText={filter.loading}
        filteringFinishedText={values.finishedText}
        filteringErrorText={filter.failed}
        filteringRecoveryText={data.tryAgain}
        filteringEmpty={filter.empty}
        filteringAriaLabel={filter.label}
        filteringPlaceholder={filter.placeholder}
        hideOperations
        expandToViewport
        countText={total?.isExact ? data.matches(total.count) : ''}
        i18nStrings={{ enteredTextLabel: filter.use }}
      />
      {(wrong ?? problem) !== undefined && (
        <Alert
          type="warning"
          header={filter.wrong}
          {...(problem !== undefined && {
            action: <Button onClick={() => ask({ filter: '', search: '' })}>{data.clearFilter}</Button>,
          })}
        >
          {wrong ?? problem}
        </Alert>
      )}
    </SpaceBetween>
  )
}
