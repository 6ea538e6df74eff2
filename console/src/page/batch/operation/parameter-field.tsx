import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import type { ParameterDeclaration } from '../../../../../src/core/extension/extension.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { ReadParameters } from './read-parameter-texts.ts'

export interface ParameterFieldProps {
  readonly name: string
  readonly declaration: ParameterDeclaration
  /** Empty: each instance keeps its value. */
  readonly keeps: boolean
  /** Empty: the default. */
  readonly text: string
  readonly problem: ReadParameters['problems'][string] | undefined
  readonly onChange: (text: string) => void
}

/** Input control for a declared parameter: a select for fixed choices, otherwise a text field. */
export function ParameterField({ name, declaration, keeps, text, problem, onChange }: ParameterFieldProps) {
  const { parameters } = useTexts().batch
  const { type, default: initial, description, allowedValues, noEcho } = declaration
  const choices = allowedValues?.map(String) ?? (type === 'Boolean' ? ['true', 'false'] : undefined)
  const isRequired = initial === undefined && !keeps
  const hint = noEcho ? [keeps && parameters.kept, parameters.secret].filter(Boolean).join(' ') : describeDefault()
  return (
    <FormField
      label={name}
      info={isRequired ? <em>{parameters.required}</em> : undefined}
      description={description}
      constraintText={hint}
      errorText={problem && (problem.code === 'missing' ? parameters.missing : parameters.invalid(problem.reason))}
    >
      {choices && !noEcho ? (
        <Select
          ariaRequired={isRequired}
          placeholder={parameters.choose}
          selectedOption={optionOf(text)}
          options={[...(isRequired ? [] : [defaultOption()]), ...choices.map((value) => ({ value, label: value }))]}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
        />
      ) : (
        <Input
          ariaRequired={isRequired}
          value={text}
          type={noEcho ? 'password' : 'text'}
          inputMode={type === 'Number' ? 'decimal' : 'text'}
          autoComplete={noEcho ? 'new-password' : 'off'}
          spellcheck={false}
          placeholder={initial === undefined || noEcho || keeps ? '' : String(initial)}
          onChange={({ detail }) => onChange(detail.value)}
        />
      )}
    </FormField>
  )

  function describeDefault(): string | undefined {
    if (choices) return undefined
    if (keeps) return parameters.kept
    if (initial === undefined) return undefined
    return initial === '' ? parameters.emptyDefault : parameters.defaultIs(String(initial))
  }

  function defaultOption() {
    return { value: '', label: keeps ? parameters.kept : parameters.useDefault(String(initial)) }
  }

  function optionOf(value: string) {
    if (value !== '') return { value, label: value }
    return isRequired ? null : defaultOption()
  }
}
