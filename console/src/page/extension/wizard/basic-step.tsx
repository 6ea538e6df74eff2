import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { extensionTypes } from '../../../../../src/core/extension/extension.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { ScopeEditor } from './configuration/scope-editor.tsx'
import { ParametersEditor } from './parameter/parameters-editor.tsx'
import { PlaceAlerts } from './place-alerts.tsx'
import { useFieldProblems, useWizardForm } from './wizard-context.ts'

export function BasicStep() {
  const { basic: texts } = useTexts().extensionWizard
  const { draft, isNew, change } = useWizardForm()
  const problemsOf = useFieldProblems()
  return (
    <SpaceBetween size="l">
      <PlaceAlerts place="basic" />
      <Container header={<Header variant="h2">{texts.header}</Header>}>
        <SpaceBetween size="l">
          {isNew ? <NewExtensionFields /> : <KnownExtension />}
          <FormField
            label={
              <>
                {texts.versionDescription} <i>- {texts.optional}</i>
              </>
            }
            constraintText={texts.versionHint}
            {...problemsOf('versionDescription')}
          >
            <Textarea
              value={draft.versionDescription}
              rows={2}
              onChange={({ detail }) => change((now) => ({ ...now, versionDescription: detail.value }))}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <ScopeEditor />
      <ParametersEditor />
    </SpaceBetween>
  )
}

function NewExtensionFields() {
  const { basic: texts } = useTexts().extensionWizard
  const { draft, change } = useWizardForm()
  const problemsOf = useFieldProblems()
  const types = extensionTypes.map((value) => ({ value, label: texts.types[value] }))
  return (
    <SpaceBetween size="l">
      <FormField label={texts.name} constraintText={texts.nameConstraint} {...problemsOf('name')}>
        <Input
          value={draft.name}
          spellcheck={false}
          autoComplete={false}
          ariaRequired
          onChange={({ detail }) => change((now) => ({ ...now, name: detail.value }))}
        />
      </FormField>
      <FormField label={texts.type} {...problemsOf('type')}>
        <Select
          selectedOption={types.find(({ value }) => value === draft.type) ?? null}
          options={types}
          onChange={({ detail }) => {
            const type = extensionTypes.find((one) => one === detail.selectedOption.value)
            if (type) change((now) => ({ ...now, type }))
          }}
        />
      </FormField>
      <FormField
        label={
          <>
            {texts.description} <i>- {texts.optional}</i>
          </>
        }
        {...problemsOf('description')}
      >
        <Input
          value={draft.description}
          onChange={({ detail }) => change((now) => ({ ...now, description: detail.value }))}
        />
      </FormField>
    </SpaceBetween>
  )
}

/** Fields that an update does not change. */
function KnownExtension() {
  const { extensionWizard, data } = useTexts()
  const { basic: texts } = extensionWizard
  const { draft } = useWizardForm()
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: texts.name, value: draft.name },
        { label: texts.type, value: texts.types[draft.type] },
        { label: texts.description, value: draft.description || data.none },
      ]}
    />
  )
}
