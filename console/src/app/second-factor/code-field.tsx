import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useTexts } from '../../i18n/language.tsx'

/** A code of the authenticator app, or a recovery code. */
export function CodeField({
  value,
  isTried,
  onChange,
}: {
  readonly value: string
  /** The user has submitted the form. */
  readonly isTried: boolean
  readonly onChange: (code: string) => void
}) {
  const { secondFactor: texts } = useTexts().signIn
  return (
    <FormField
      label={texts.code}
      constraintText={texts.codeHint}
      errorText={isTried && value === '' ? texts.codeMissing : undefined}
    >
      <Input
        value={value}
        name="code"
        autoFocus
        autoComplete="one-time-code"
        spellcheck={false}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  )
}
