import Autosuggest from '@cloudscape-design/components/autosuggest'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'

/** Autosuggest of existing values, most frequent first; accepts any other value. */
export function ValueSuggest({
  property,
  value,
  label,
  placeholder,
  empty,
  onChange,
}: {
  /**
   * Property as in `GET /instances/values`: `group`, `tag`, `tag:env`. Undefined: no suggestions
   * yet.
   */
  readonly property: string | undefined
  readonly value: string
  readonly label: string
  readonly placeholder?: string
  readonly empty?: string
  readonly onChange: (value: string) => void
}) {
  const { data, batch } = useTexts()
  const found = useQuery(property === undefined ? undefined : `instances/values?${property}`, (client) =>
    client.instances.values({ property: property ?? '' }),
  )
  return (
    <Autosuggest
      value={value}
      ariaLabel={label}
      placeholder={placeholder ?? ''}
      enteredTextLabel={batch.targets.enter}
      statusType={found.isLoading && !found.data ? 'loading' : found.error ? 'error' : 'finished'}
      loadingText={data.loading}
      errorText={found.error?.message ?? ''}
      recoveryText={data.tryAgain}
      onLoadItems={({ detail }) => detail.samePage && found.error && found.refresh()}
      empty={empty}
      options={(found.isOld ? [] : (found.data?.values ?? []))
        .filter((option) => option.value !== '')
        .map((option) => ({ value: option.value, labelTag: batch.targets.matches(option.count, true) }))}
      onChange={({ detail }) => onChange(detail.value)}
    />
  )
}
