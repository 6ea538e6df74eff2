import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'

/** A group of the account; its instances are determined when the execution starts. */
export function SavedGroupChoice({
  form,
  problem,
}: {
  readonly form: BatchForm
  readonly problem: string | undefined
}) {
  const { data, batch } = useTexts()
  const { targets } = batch
  const { state, change } = form
  const groups = useQuery('instances/groups', (client) => client.groups.list())
  const options = (groups.data?.items ?? []).map(({ name, instanceCount, description }) => ({
    value: name,
    label: name,
    labelTag: targets.matches(instanceCount, true),
    description,
  }))
  return (
    <FormField label={targets.savedGroup} description={targets.savedGroupHint} errorText={problem}>
      <Select
        selectedOption={state.savedGroup === '' ? null : { value: state.savedGroup, label: state.savedGroup }}
        options={options}
        ariaLabel={targets.savedGroup}
        placeholder={targets.chooseSavedGroup}
        empty={targets.noSavedGroups}
        statusType={groups.isLoading && !groups.data ? 'loading' : groups.error ? 'error' : 'finished'}
        loadingText={data.loading}
        errorText={groups.error?.message ?? ''}
        recoveryText={data.tryAgain}
        onLoadItems={({ detail }) => detail.samePage && groups.error && groups.refresh()}
        onChange={({ detail }) => change({ savedGroup: detail.selectedOption.value ?? '' })}
      />
    </FormField>
  )
}
