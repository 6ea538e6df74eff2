import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { minPasswordLength } from '../../../../src/core/limits.ts'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useFlashes } from '../flashes.tsx'
import { useSession } from '../session.tsx'
import { FormDialog } from './form-dialog.tsx'

/**
 * Changes the user's own password. Requires the current one, so that an unattended session cannot
 * be taken over.
 */
export function ChangePassword({ onClose }: { readonly onClose: () => void }) {
  const { change: texts } = useTexts().signIn
  const { session } = useSession()
  const flashes = useFlashes()
  const [oldPassword, setOldPassword] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [isTried, setIsTried] = useState(false)
  const action = useAction(async (client) => {
    await client.passwords.set(session.userName, { password, oldPassword })
    return true
  })
  const problems = {
    old: oldPassword === '' ? texts.oldMissing : undefined,
    new: password.length < minPasswordLength ? texts.tooShort(minPasswordLength) : undefined,
    again: password === again ? undefined : texts.different,
  }
  const submit = async () => {
    setIsTried(true)
    if (problems.old || problems.new || problems.again) return
    if (!(await action.run(undefined))) return
    flashes.success(texts.changed)
    onClose()
  }
  const shown = isTried ? problems : { old: undefined, new: undefined, again: undefined }
  return (
    <FormDialog title={texts.title} submit={texts.submit} {...action} onSubmit={() => void submit()} onClose={onClose}>
      <input type="hidden" name="username" autoComplete="username" value={session.userName} />
      <FormField label={texts.old} errorText={shown.old}>
        <Input
          type="password"
          autoComplete="current-password"
          autoFocus
          value={oldPassword}
          onChange={({ detail }) => setOldPassword(detail.value)}
        />
      </FormField>
      <FormField label={texts.new} constraintText={texts.newHint(minPasswordLength)} errorText={shown.new}>
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={({ detail }) => setPassword(detail.value)}
        />
      </FormField>
      <FormField label={texts.again} errorText={shown.again}>
        <Input
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={({ detail }) => setAgain(detail.value)}
        />
      </FormField>
    </FormDialog>
  )
}
