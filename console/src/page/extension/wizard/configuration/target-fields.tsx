import Autosuggest from '@cloudscape-design/components/autosuggest'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { scriptKinds } from '../../../../../../src/core/extension/extension.ts'
import { type OsFamily, osFamilies } from '../../../../../../src/core/instance/facts.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { useFieldProblems } from '../wizard-context.ts'
import type { WizardConfiguration } from '../wizard-draft.ts'
import type { ConfigurationFieldsProps } from './configuration-fields.ts'
import { findScriptTemplates, isScriptTemplate } from './script-templates.ts'

const archs = ['any', 'x86_64', 'arm64'] as const

/** Operating system and architecture of a configuration. */
export function TargetFields({ configuration, index, set }: ConfigurationFieldsProps) {
  const { configuration: texts, scope } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const { os, arch } = configuration
  const systems = osFamilies.map((value) => ({ value, label: texts.systems[value] }))
  return (
    <ColumnLayout columns={2}>
      <FormField label={texts.os} {...problemsOf(`configurations.${index}.os`)}>
        <Select
          selectedOption={systems.find(({ value }) => value === os) ?? null}
          options={systems}
          onChange={({ detail }) => {
            const chosen = osFamilies.find((one) => one === detail.selectedOption.value)
            if (chosen) set({ os: chosen, scripts: translateTemplates(configuration, chosen) })
          }}
        />
      </FormField>
      <FormField label={texts.arch} {...problemsOf(`configurations.${index}.arch`)}>
        <Autosuggest
          value={arch}
          filteringType="manual"
          options={archs.map((value) => ({ value, description: value === 'any' ? texts.archs.any : '' }))}
          enteredTextLabel={scope.platformSuggestion}
          onChange={({ detail }) => set({ arch: detail.value })}
        />
      </FormField>
    </ColumnLayout>
  )
}

/** Switching the system replaces unedited templates; edited scripts stay. */
function translateTemplates({ scripts }: WizardConfiguration, os: OsFamily): WizardConfiguration['scripts'] {
  const templates: Partial<Record<string, string>> = findScriptTemplates(os)
  const entries = scriptKinds.map((kind) => {
    const text = scripts[kind]
    return [kind, isScriptTemplate(text) ? (templates[kind] ?? '') : text]
  })
  return Object.fromEntries(entries) as WizardConfiguration['scripts']
}
