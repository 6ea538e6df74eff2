import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Multiselect from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { eventTypes } from '../../../../src/core/notification/event.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { SecretShown } from '../access/key/secret-shown.tsx'
import { eventNameKeys } from './event-name.ts'

/** Creates a webhook and shows its secret once. */
export function CreateWebhook({ onClose }: { readonly onClose: () => void }) {
  const { webhooks: texts } = useTexts().automation
  const flashes = useFlashes()
  const [form, setForm] = useState<{ name: string; url: string; events: readonly string[] }>({
    name: '',
    url: '',
    events: [],
  })
  const [secret, setSecret] = useState<string>()
  const change = (values: Partial<typeof form>) => setForm((before) => ({ ...before, ...values }))
  const action = useAction(
    (client) => {
      const events = eventTypes.filter((type) => form.events.includes(type))
      return client.webhooks.create({
        name: form.name.trim(),
        url: form.url.trim(),
        ...(events.length > 0 && { events }),
      })
    },
    ['automation/'],
  )
  if (secret !== undefined)
    return <SecretShown title={texts.secretTitle} values={[{ label: texts.secret, text: secret }]} onClose={onClose} />
  const submit = async () => {
    const created = await action.run(undefined)
    if (!created) return
    flashes.success(texts.created(created.name))
    if (created.secret === undefined) onClose()
    else setSecret(created.secret)
  }
  const options = eventTypes.map((type) => ({
    value: type,
    label: texts.eventNames[eventNameKeys[type]],
    description: type,
  }))
  return (
    <FormDialog
      title={texts.create}
      submit={texts.create}
      {...action}
      canSubmit={form.name.trim() !== '' && form.url.trim() !== ''}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <FormField label={texts.name} constraintText={texts.nameHint}>
        <Input value={form.name} onChange={({ detail }) => change({ name: detail.value })} />
      </FormField>
      <FormField label={texts.url} constraintText={texts.urlHint}>
        <Input value={form.url} onChange={({ detail }) => change({ url: detail.value })} />
      </FormField>
      <FormField label={texts.events} constraintText={texts.eventsHint}>
        <Multiselect
          options={options}
          selectedOptions={options.filter(({ value }) => form.events.includes(value))}
          placeholder={texts.choose}
          onChange={({ detail }) => change({ events: detail.selectedOptions.flatMap(({ value }) => value ?? []) })}
        />
      </FormField>
    </FormDialog>
  )
}
