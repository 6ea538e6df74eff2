import Autosuggest from '@cloudscape-design/components/autosuggest'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { useSession } from '../../../app/session.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { Optional } from '../optional.tsx'
import { useAll } from '../use-all.ts'
import { SecretShown } from './secret-shown.tsx'

/** Milliseconds; empty: never expires. */
const ttlChoices = ['86400000', '604800000', '2592000000', '31536000000'] as const

/** Creates a key for any user, by default for the current one. Shows its secret once. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const { access } = useTexts()
  const { keys: texts } = access
  const { session } = useSession()
  // Users without permission to list users type the name.
  const users = useAll('users', (client) => client.users.list)
  const [userName, setUserName] = useState(session.userName)
  const [description, setDescription] = useState('')
  const [ttl, setTtl] = useState('')
  const [isForOos, setForOos] = useState(false)
  const action = useAction(
    (client) =>
      client.accessKeys.create({
        userName: userName.trim(),
        description,
        ...(ttl !== '' && { ttlMs: Number(ttl) }),
        ...(isForOos && { kind: 'oos' as const }),
      }),
    ['access/'],
  )
  const [created, setCreated] = useState<{ readonly id: string; readonly secret: string }>()
  if (created) {
    const environment = [
      `export CHANDLER_SERVER=${location.origin}`,
      `export CHANDLER_ACCESS_KEY_ID=${created.id}`,
      `export CHANDLER_ACCESS_KEY_SECRET=${created.secret}`,
    ]
    return (
      <SecretShown
        title={texts.createdTitle}
        values={[
          { label: texts.id, text: created.id },
          { label: texts.secret, text: created.secret },
          { label: texts.environment, text: environment.join('\n') },
        ]}
        onClose={onClose}
      />
    )
  }
  const labelOf = (value: string) =>
    value === '' ? texts.ttlNever : access.tokens.ttlChoices[value as (typeof ttlChoices)[number]]
  const submit = async () => {
    if (userName.trim() !== '') setCreated(await action.run(undefined))
  }
  return (
    <FormDialog title={texts.title} submit={texts.create} {...action} onSubmit={() => void submit()} onClose={onClose}>
      <FormField
        label={texts.forUser}
        description={texts.forUserHint}
        errorText={userName.trim() === '' && access.users.nameWrong}
      >
        <Autosuggest
          value={userName}
          options={(users.data?.items ?? []).map(({ name, description: about }) => ({
            value: name,
            description: about,
          }))}
          enteredTextLabel={access.audit.use}
          onChange={({ detail }) => setUserName(detail.value)}
        />
      </FormField>
      <FormField label={<Optional label={access.users.descriptionField} />} description={texts.descriptionHint}>
        <Input value={description} autoComplete="off" onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <FormField label={texts.ttl} description={texts.ttlHint}>
        <Select
          selectedOption={{ value: ttl, label: labelOf(ttl) }}
          options={['', ...ttlChoices].map((value) => ({ value, label: labelOf(value) }))}
          onChange={({ detail }) => setTtl(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <Checkbox checked={isForOos} description={texts.oosHint} onChange={({ detail }) => setForOos(detail.checked)}>
        {texts.oos}
      </Checkbox>
    </FormDialog>
  )
}
