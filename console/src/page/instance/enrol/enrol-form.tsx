import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import type { Client } from '../../../../../src/client/client.ts'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { TagLinesField } from '../../../app/tag/tag-lines-field.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { TokenLimitsFields } from '../../access/token/token-limits-fields.tsx'
import { emptyEnrolment, readEnrolment } from './read-enrolment.ts'

export type CreatedJoinToken = Awaited<ReturnType<Client['joinTokens']['create']>>

export function EnrolForm({
  onMade,
  onClose,
}: {
  readonly onMade: (token: CreatedJoinToken) => void
  readonly onClose: () => void
}) {
  const { instances, data } = useTexts()
  const { enrolling: texts } = instances
  const [form, setForm] = useState(emptyEnrolment)
  const [isTried, setIsTried] = useState(false)
  const change = (values: Partial<typeof form>) => setForm((before) => ({ ...before, ...values }))
  const read = readEnrolment(form, data.tags)
  const isUsesWrong = isTried && 'wrong' in read && read.wrong.uses
  const create = useAction(
    (client, input: Parameters<Client['joinTokens']['create']>[0]) => client.joinTokens.create(input),
    ['access/'],
  )
  const lifetimes = Object.entries(texts.ttlChoices).map(([value, label]) => ({ value, label }))
  const submit = async () => {
    setIsTried(true)
    if (!('input' in read)) return
    const token = await create.run(read.input)
    if (token) onMade(token)
  }
  return (
    <FormDialog title={texts.title} submit={texts.create} {...create} onSubmit={() => void submit()} onClose={onClose}>
      {texts.intro}
      <FormField label={texts.ttl}>
        <Select
          selectedOption={lifetimes.find(({ value }) => value === form.ttlMs) ?? null}
          options={lifetimes}
          onChange={({ detail }) => change({ ttlMs: detail.selectedOption.value ?? form.ttlMs })}
        />
      </FormField>
      <FormField label={texts.uses} constraintText={texts.usesHint} errorText={isUsesWrong && texts.usesWrong}>
        <Input value={form.uses} inputMode="numeric" onChange={({ detail }) => change({ uses: detail.value })} />
      </FormField>
      <TagLinesField label={texts.tags} value={form.tags} isTried={isTried} onChange={(tags) => change({ tags })} />
      <FormField label={texts.group}>
        <Input value={form.group} onChange={({ detail }) => change({ group: detail.value })} />
      </FormField>
      <TokenLimitsFields value={form.limits} onChange={(limits) => change({ limits })} />
    </FormDialog>
  )
}
