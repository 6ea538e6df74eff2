import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import { useState } from 'react'
import { instanceStatuses } from '../../../../../src/core/instance/instance.ts'
import { type QueryResult, useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'

/** What the user is about to enter: a property or a value. */
interface ValueRequest {
  readonly property: string | undefined
  readonly text: string
}

/** Suggestions of tag keys and values, loaded on demand, most frequent first. */
export function useFilterValues() {
  const { status, filter } = useTexts().instances
  const [request, setRequest] = useState<ValueRequest>({ property: undefined, text: '' })
  const { property = '', text } = request
  // Status names are fixed; other values come from the server. Keys do not start with `instances`:
  // suggestions stay stable while the user reads them.
  const values = useQuery(
    property === '' || property === 'status' ? undefined : `values/${property}?${text}`,
    (client) => client.instances.values({ property, ...(text !== '' && { text }) }),
  )
  const keys = useQuery('values/tag', (client) => client.instances.values({ property: 'tag' }))
  const isAsking = property !== '' && property !== 'status'
  const options: PropertyFilterProps.FilteringOption[] = [
    ...instanceStatuses.map((value) => ({ propertyKey: 'status', value, label: status[value] })),
    ...(isAsking && !values.isOld ? (values.data?.values ?? []) : [])
      .filter(({ value }) => value !== '')
      .map(({ value }) => ({ propertyKey: property, value })),
  ]
  const current = isAsking ? values : keys
  return {
    tagKeys: keys.data?.values.map(({ value }) => value) ?? [],
    options,
    statusType: findStatusType(current),
    finishedText: isAsking && values.data ? filter[values.data.isComplete ? 'complete' : 'partial'] : '',
    load({ filteringProperty, filteringText, samePage }: PropertyFilterProps.LoadItemsDetail) {
      if (samePage && current.error) current.refresh()
      setRequest({ property: filteringProperty?.key, text: filteringText.trim().slice(0, maxTextLength) })
    },
  }
}

const maxTextLength = 128

const findStatusType = ({ isLoading, isOld, data, error }: QueryResult<unknown>): PropertyFilterProps.StatusType =>
  isLoading && (data === undefined || isOld) ? 'loading' : error ? 'error' : 'finished'
