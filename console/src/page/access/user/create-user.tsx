import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useRef, useState } from 'react'
import { minPasswordLength } from '../../../../../src/core/limits.ts'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../../app/flashes.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { Optional } from '../optional.tsx'
import { PolicyChoice } from '../policy/policy-choice.tsx'
import { PasswordField } from './password-field.tsx'

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Creates a user with policies and a password. */
export function CreateUser({ onClose }: { readonly onClose: () => void }) {
  const { access } = useTexts()
  const { users: texts } = access
  const flashes = useFlashes()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [policies, setPolicies] = useState<readonly string[]>([])
  const [password, setPassword] = useState('')
  const [isTried, setIsTried] = useState(false)
  // Three requests: if the second fails, the user exists, and a retry continues from there.
  const created = useRef<string>(undefined)
  const action = useAction(
    async (client) => {
      if (created.current !== name) await client.users.create({ name, description })
      created.current = name
      for (const policy of policies) await client.users.attach(name, policy)
      if (password !== '') await client.passwords.set(name, { password })
      return true
    },
    ['access/'],
  )
  const nameProblem = namePattern.test(name) ? undefined : texts.nameWrong
  const passwordProblem =
    password === '' || password.length >= minPasswordLength ? undefined : texts.passwordShort(minPasswordLength)
  const submit = async () => {
    setIsTried(true)
    if (nameProblem || passwordProblem) return
    if (!(await action.run(undefined))) return
    flashes.success(texts.created(name))
    onClose()
  }
  return (
    <FormDialog title={texts.create} submit={texts.create} {...action} onSubmit={() => void submit()} onClose={onClose}>
      <FormField label={texts.name} constraintText={texts.nameHint} errorText={isTried && nameProblem}>
        <Input
          value={name}
          autoFocus
          autoComplete="off"
          spellcheck={false}
          onChange={({ detail }) => setName(detail.value)}
        />
      </FormField>
      <FormField label={<Optional label={texts.descriptionField} />}>
        <Input value={description} autoComplete="off" onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <PolicyChoice names={policies} onChange={setPolicies} />
      <PasswordField
        label={<Optional label={texts.password} />}
        value={password}
        errorText={isTried ? passwordProblem : undefined}
        onChange={setPassword}
      />
    </FormDialog>
  )
}
