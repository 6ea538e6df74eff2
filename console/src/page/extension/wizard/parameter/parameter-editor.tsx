import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { parameterTypes } from '../../../../../../src/core/extension/extension.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { useFieldProblems, useWizardForm } from '../wizard-context.ts'
import { changeMember, type ParameterDraft } from '../wizard-draft.ts'
import type { ParameterEditorProps, ParameterFieldsProps } from './parameter-fields.ts'
import { ParameterLimits } from './parameter-limits.tsx'

/** Editor for one parameter declaration. */
export function ParameterEditor({
  parameter,
  index,
  onRemoved,
}: ParameterEditorProps & { readonly onRemoved: () => void }) {
  const { parameters: texts } = useTexts().extensionWizard
  const { change } = useWizardForm()
  const { key, name } = parameter
  const set = (values: Partial<ParameterDraft>) =>
    change((now) => ({ ...now, parameters: changeMember(now.parameters, key, values) }))
  const remove = () => {
    change((now) => ({ ...now, parameters: now.parameters.filter((other) => other.key !== key) }))
    onRemoved()
  }
  return (
    <Container
      header={
        <Header
          variant="h3"
          actions={
            <Button formAction="none" ariaLabel={texts.removeOne(name, index + 1)} onClick={remove}>
              {texts.remove}
            </Button>
          }
        >
          {name || texts.one(index + 1)}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ParameterFields parameter={parameter} index={index} set={set} />
        <ParameterLimits parameter={parameter} index={index} set={set} />
      </SpaceBetween>
    </Container>
  )
}

function ParameterFields({ parameter, index, set }: ParameterFieldsProps) {
  const { parameters: texts } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const at = (field: string) => problemsOf(`parameters.${index}.${field}`)
  const { name, type, description, isRequired, noEcho } = parameter
  const types = parameterTypes.map((value) => ({ value, label: texts.types[value] }))
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={3}>
        <FormField label={texts.name} {...at('name')}>
          <Input value={name} spellcheck={false} ariaRequired onChange={({ detail }) => set({ name: detail.value })} />
        </FormField>
        <FormField label={texts.type} {...at('type')}>
          <Select
            selectedOption={types.find(({ value }) => value === type) ?? null}
            options={types}
            onChange={({ detail }) => {
              const chosen = parameterTypes.find((one) => one === detail.selectedOption.value)
              if (chosen) set({ type: chosen, defaultText: chosen === 'Boolean' ? 'false' : '' })
            }}
          />
        </FormField>
        <FormField label={texts.descriptionLabel} {...at('description')}>
          <Input value={description} onChange={({ detail }) => set({ description: detail.value })} />
        </FormField>
      </ColumnLayout>
      <ColumnLayout columns={3}>
        <FormField>
          <Checkbox checked={isRequired} onChange={({ detail }) => set({ isRequired: detail.checked })}>
            {texts.required}
          </Checkbox>
        </FormField>
        {isRequired ? <div /> : <DefaultField parameter={parameter} index={index} set={set} />}
        <FormField {...at('noEcho')}>
          <Checkbox checked={noEcho} onChange={({ detail }) => set({ noEcho: detail.checked })}>
            {texts.noEcho}
          </Checkbox>
        </FormField>
      </ColumnLayout>
    </SpaceBetween>
  )
}

function DefaultField({ parameter, index, set }: ParameterFieldsProps) {
  const { parameters: texts } = useTexts().extensionWizard
  const problems = useFieldProblems()(`parameters.${index}.default`)
  const booleans = [
    { value: 'true', label: texts.yes },
    { value: 'false', label: texts.no },
  ]
  return (
    <FormField label={texts.default} {...problems}>
      {parameter.type === 'Boolean' ? (
        <Select
          selectedOption={booleans.find(({ value }) => value === parameter.defaultText) ?? null}
          options={booleans}
          onChange={({ detail }) => set({ defaultText: detail.selectedOption.value ?? '' })}
        />
      ) : (
        <Input
          value={parameter.defaultText}
          spellcheck={false}
          onChange={({ detail }) => set({ defaultText: detail.value })}
        />
      )}
    </FormField>
  )
}
