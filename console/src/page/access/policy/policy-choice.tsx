import FormField from '@cloudscape-design/components/form-field'
import Multiselect from '@cloudscape-design/components/multiselect'
import { useTexts } from '../../../i18n/language.tsx'
import { useAll } from '../use-all.ts'

/** Multiselect of policies. Attached policies that the user may not list can still be removed. */
export function PolicyChoice({
  names,
  onChange,
}: {
  readonly names: readonly string[]
  readonly onChange: (names: readonly string[]) => void
}) {
  const { access, data: texts } = useTexts()
  const { data, error, isLoading } = useAll('policies', (client) => client.policies.list)
  const known = data?.items ?? []
  const unknown = names.filter((name) => !known.some((policy) => policy.name === name))
  return (
    <FormField label={access.users.policiesField} description={access.users.policiesHint} errorText={error?.message}>
      <Multiselect
        selectedOptions={names.map((name) => ({ value: name, label: name }))}
        options={[
          ...known.map(({ name, description }) => ({ value: name, label: name, description })),
          ...unknown.map((name) => ({ value: name, label: name })),
        ]}
        placeholder={access.users.policiesNone}
        filteringType="auto"
        statusType={isLoading && !data ? 'loading' : 'finished'}
        loadingText={texts.loading}
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ''))}
      />
    </FormField>
  )
}
