import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { minPasswordLength } from '../../../../../src/core/limits.ts'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../../app/flashes.tsx'
import { useSession } from '../../../app/session.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { PasswordField } from './password-field.tsx'

/** Sets the password of any user; for the user's own, asks for the current one. */
export function SetPassword({ userName, onClose }: { readonly userName: string; readonly onClose: () => void }) {
  const { access } = useTexts()
  const { users: texts } = access
  const { session } = useSession()
  const flashes = useFlashes()
  const isOwn = userName === session.userName
  const [oldPassword, setOldPassword] = useState('')
  const [password, setPassword] = useState('')
  const [isTried, setIsTried] = useState(false)
  const action = useAction(
    async (client) => {
      await client.passwords.set(userName, { password, ...(isOwn && { oldPassword }) })
      return true
    },
    ['access/audit'],
  )
  const oldProblem = isOwn && oldPassword === '' ? texts.oldPasswordMissing : undefined
  const problem = password.length < minPasswordLength ? texts.passwordShort(minPasswordLength) : undefined
  const submit = async () => {
    setIsTried(true)
    if (oldProblem || problem) return
    if (!(await action.run(undefined))) return
    flashes.success(texts.passwordSet(userName))
    onClose()
  }
  return (
    <FormDialog
      title={texts.passwordTitle(userName)}
      submit={texts.setPassword}
      {...action}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      {!isOwn && <Box color="text-body-secondary">{texts.passwordDetail}</Box>}
      {isOwn && (
        <FormField label={texts.oldPassword} errorText={isTried && oldProblem}>
          <Input
            value={oldPassword}
            type="password"
            autoComplete="current-password"
            onChange={({ detail }) => setOldPassword(detail.value)}
          />
        </FormField>
      )}
      <PasswordField
        label={texts.password}
        value={password}
        errorText={isTried ? problem : undefined}
        onChange={setPassword}
      />
    </FormDialog>
  )
}
