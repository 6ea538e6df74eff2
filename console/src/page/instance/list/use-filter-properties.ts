import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import { useMemo } from 'react'
import { instanceStatuses } from '../../../../../src/core/instance/instance.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { fixedProperties, operatorsOf, tagProperty } from './filter-tokens.ts'

export const tagGroup = 'tags'

/** Filter properties: built-in ones and all tags. */
export function useFilterProperties(tagKeys: readonly string[]): readonly PropertyFilterProps.FilteringProperty[] {
  const { filter, status } = useTexts().instances
  const keys = JSON.stringify(tagKeys)
  return useMemo(() => {
    const name = (value: string) => {
      const known = instanceStatuses.find((one) => one === value)
      return known ? status[known] : value
    }
    const fixed = fixedProperties.map((key) => ({
      key,
      propertyLabel: filter.property[key],
      groupValuesLabel: filter.values(filter.property[key]),
      operators: operatorsOf(key).map((operator) => (key === 'status' ? { operator, format: name } : operator)),
    }))
    const tags = (JSON.parse(keys) as string[]).map((key) => ({
      key: tagProperty(key),
      propertyLabel: filter.tag(key),
      groupValuesLabel: filter.values(filter.tag(key)),
      group: tagGroup,
      operators: operatorsOf(tagProperty(key)),
    }))
    return [...fixed, ...tags]
  }, [filter, status, keys])
}
