import Button from '@cloudscape-design/components/button'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { minPasswordLength } from '../../../../../src/core/limits.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { makePassword } from './make-password.ts'

const randomBytes = (size: number) => crypto.getRandomValues(new Uint8Array(size))

/** Password of another user: visible, because it has to be handed over. */
export function PasswordField({
  label,
  value,
  errorText,
  onChange,
}: {
  readonly label: React.ReactNode
  readonly value: string
  readonly errorText: string | undefined
  readonly onChange: (password: string) => void
}) {
  const { access, data } = useTexts()
  return (
    <FormField
      label={label}
      description={access.users.passwordHint(minPasswordLength)}
      errorText={errorText}
      secondaryControl={
        <SpaceBetween direction="horizontal" size="xxs">
          <Button formAction="none" onClick={() => onChange(makePassword(randomBytes))}>
            {access.users.generate}
          </Button>
          {value !== '' && (
            <CopyToClipboard
              variant="icon"
              textToCopy={value}
              copyButtonAriaLabel={access.users.copyPassword}
              copySuccessText={data.copied}
              copyErrorText={data.copyFailed}
            />
          )}
        </SpaceBetween>
      }
    >
      <Input
        value={value}
        name="new-password"
        autoComplete="off"
        spellcheck={false}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  )
}
