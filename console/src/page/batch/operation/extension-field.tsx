import FormField from '@cloudscape-design/components/form-field'
import Link from '@cloudscape-design/components/link'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'

export function ExtensionField({ form }: { readonly form: BatchForm }) {
  const { data, batch } = useTexts()
  const { operation } = batch
  const { state, change, changeUnshared, choice, isTried } = form
  const { extensions } = choice
  const missing = isTried && state.extension === '' ? operation.extensionMissing : undefined
  return (
    <FormField
      label={operation.extension}
      constraintText={operation.extensionHint}
      errorText={choice.error?.message ?? missing}
    >
      <Select
        selectedOption={state.extension === '' ? null : { value: state.extension, label: state.extension }}
        placeholder={operation.chooseExtension}
        filteringType="auto"
        filteringPlaceholder={operation.findExtension}
        filteringAriaLabel={operation.findExtension}
        filteringResultsText={(count) => data.matches(count)}
        virtualScroll
        statusType={extensions.error ? 'error' : extensions.data ? 'finished' : 'loading'}
        loadingText={data.loading}
        errorText={extensions.error?.message ?? ''}
        recoveryText={data.tryAgain}
        onLoadItems={({ detail }) => detail.samePage && extensions.error && extensions.refresh()}
        noMatch={data.noMatch}
        empty={
          <SpaceBetween size="xs">
            {operation.noExtension}
            <Link href="/extensions/create">{operation.createExtension}</Link>
          </SpaceBetween>
        }
        options={(extensions.data ?? []).map(({ name, description, installedOn }) => ({
          value: name,
          label: name,
          description,
          tags: [operation.installedOn(Object.values(installedOn).reduce((sum, count) => sum + count, 0))],
        }))}
        onChange={({ detail }) => {
          // Versions and parameters of another extension do not apply.
          change({ extension: detail.selectedOption.value ?? '', version: '', parameters: {} })
          changeUnshared({ secrets: {} })
        }}
      />
    </FormField>
  )
}
