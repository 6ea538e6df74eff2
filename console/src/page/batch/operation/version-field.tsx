import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { findNewest, sortVersions } from './choose-version.ts'

export function VersionField({ form }: { readonly form: BatchForm }) {
  const { data, batch } = useTexts()
  const { operation } = batch
  const { state, change, choice } = form
  const { chosen } = choice
  const versions = sortVersions(choice.versions ?? [])
  const newest = findNewest(versions)
  const labelOf = (version: string) => (version === newest?.version ? operation.newest(version) : version)
  const selected = chosen && 'version' in chosen ? chosen.version.version : state.version
  return (
    <FormField
      label={operation.version}
      constraintText={chosen && 'version' in chosen ? chosen.version.versionDescription : undefined}
      errorText={describeProblem()}
    >
      <Select
        selectedOption={selected === '' ? null : { value: selected, label: labelOf(selected) }}
        placeholder={operation.chooseVersion}
        disabled={state.extension === '' || choice.error !== undefined}
        statusType={choice.isLoadingVersions && !choice.versions ? 'loading' : 'finished'}
        loadingText={data.loading}
        options={versions.map(({ version, versionDescription, deprecated }) => ({
          value: version,
          label: labelOf(version),
          description: versionDescription,
          disabled: deprecated,
          ...(deprecated && { labelTag: operation.deprecated }),
        }))}
        onChange={({ detail }) => change({ version: detail.selectedOption.value ?? '' })}
      />
    </FormField>
  )

  function describeProblem(): string | undefined {
    if (!chosen || 'version' in chosen) return undefined
    if (chosen.problem === 'none') return operation.noVersion
    return chosen.problem === 'unknown'
      ? operation.versionUnknown(chosen.label)
      : operation.versionDeprecated(chosen.label)
  }
}
