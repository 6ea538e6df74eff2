import Autosuggest from '@cloudscape-design/components/autosuggest'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { builtInRole } from '../../../../../src/core/access/built-in-policies.ts'
import { renderJoinCommand } from '../../../../../src/core/tls/join-command.ts'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { readTagLines } from '../../../app/tag/tag-lines.ts'
import { TagLinesField } from '../../../app/tag/tag-lines-field.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { CreatedJoinToken } from '../../instance/enrol/enrol-form.tsx'
import { SecretShown } from '../key/secret-shown.tsx'
import { Optional } from '../optional.tsx'
import { useAll } from '../use-all.ts'
import { noTokenLimits, readTokenLimits, TokenLimitsFields } from './token-limits-fields.tsx'

const ttlChoices = ['3600000', '86400000', '604800000', '2592000000', '31536000000'] as const
const maxUses = 1_000_000

/** Creates a join token and shows the command that uses it. */
export function CreateToken({ onClose }: { readonly onClose: () => void }) {
  const { access, data } = useTexts()
  const { tokens: texts } = access
  const [form, setForm] = useState({
    uses: '1',
    ttl: '3600000' as string,
    role: builtInRole.name as string,
    tags: '',
    group: '',
    limits: noTokenLimits,
  })
  const change = (values: Partial<typeof form>) => setForm((before) => ({ ...before, ...values }))
  const [isTried, setIsTried] = useState(false)
  const [created, setCreated] = useState<CreatedJoinToken>()
  const tags = readTagLines(form.tags, data.tags)
  const uses = Number(form.uses)
  const usesProblem =
    form.uses.trim() === '' || (Number.isInteger(uses) && uses >= 1 && uses <= maxUses) ? undefined : texts.usesWrong
  const action = useAction(
    (client) =>
      client.joinTokens.create({
        ttlMs: Number(form.ttl),
        role: form.role.trim() || builtInRole.name,
        resourceGroup: form.group.trim(),
        tags: 'tags' in tags ? tags.tags : {},
        uses: form.uses.trim() === '' ? 'unlimited' : uses,
        ...readTokenLimits(form.limits),
      }),
    ['access/'],
  )
  if (created !== undefined) {
    const { token, caSha256 } = created
    const server = created.publicUrl ?? location.origin
    const command = renderJoinCommand({ server, token, caSha256, url: new URL(server) })
    return (
      <SecretShown
        title={texts.createdTitle}
        values={[
          { label: texts.command, text: command },
          { label: texts.token, text: token },
        ]}
        onClose={onClose}
      />
    )
  }
  const submit = async () => {
    setIsTried(true)
    if (!usesProblem && 'tags' in tags) setCreated(await action.run(undefined))
  }
  return (
    <FormDialog title={texts.title} submit={texts.create} {...action} onSubmit={() => void submit()} onClose={onClose}>
      <FormField label={texts.ttl}>
        <Select
          selectedOption={ttlOptions(texts.ttlChoices).find(({ value }) => value === form.ttl) ?? null}
          options={ttlOptions(texts.ttlChoices)}
          onChange={({ detail }) => change({ ttl: detail.selectedOption.value ?? form.ttl })}
        />
      </FormField>
      <FormField
        label={<Optional label={texts.uses} />}
        constraintText={texts.usesHint}
        errorText={isTried && usesProblem}
      >
        <Input value={form.uses} inputMode="numeric" onChange={({ detail }) => change({ uses: detail.value })} />
      </FormField>
      <RoleField value={form.role} onChange={(role) => change({ role })} />
      <TagLinesField
        label={<Optional label={texts.tags} />}
        value={form.tags}
        isTried={isTried}
        onChange={(lines) => change({ tags: lines })}
      />
      <FormField label={<Optional label={texts.group} />}>
        <Input value={form.group} onChange={({ detail }) => change({ group: detail.value })} />
      </FormField>
      <TokenLimitsFields value={form.limits} onChange={(limits) => change({ limits })} />
    </FormDialog>
  )
}

const ttlOptions = (labels: Readonly<Record<(typeof ttlChoices)[number], string>>) =>
  ttlChoices.map((value) => ({ value, label: labels[value] }))

/** Users without permission to list roles type the name. */
function RoleField({ value, onChange }: { readonly value: string; readonly onChange: (role: string) => void }) {
  const { access } = useTexts()
  const roles = useAll('roles', (client) => client.roles.list)
  return (
    <FormField label={access.tokens.role} description={access.tokens.roleHint}>
      <Autosuggest
        value={value}
        options={(roles.data?.items ?? []).map(({ name, description }) => ({ value: name, description }))}
        enteredTextLabel={access.audit.use}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  )
}
