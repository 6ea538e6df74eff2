import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useTexts } from '../../i18n/language.tsx'

/** A code of the authenticator app, or a recovery code. */
export function CodeField({
  value,
  isTried,
  isFirst = false,
  onChange,
}: {
  readonly value: string
  /** The user has submitted the form. */
  readonly isTried: boolean
  /** While setting up: there are no recovery codes yet. */
  readonly isFirst?: boolean
  readonly onChange: (code: string) => void
}) {
  const { secondFactor: texts } = useTexts().signIn
  return (
    <FormField
      label={texts.code}
      constraintText={isFirst ? texts.firstCodeHint : texts.codeHint}
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
