import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { groupNamePattern, parseGroupFilter } from '../../../../src/core/instance/group.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Saves a filter under a name. */
export function CreateGroup({ onClose }: { readonly onClose: () => void }) {
  const { assignments, batch } = useTexts()
  const { groups: texts } = assignments
  const flashes = useFlashes()
  const [name, setName] = useState('')
  const [filter, setFilter] = useState('')
  const [description, setDescription] = useState('')
  const [isTried, setIsTried] = useState(false)
  const action = useAction((client) => client.groups.create({ name, filter, description }), ['instances/groups'])
  const parsed = parseGroupFilter(filter)
  const problems = {
    name: groupNamePattern.test(name) ? undefined : name === '' ? texts.nameMissing : texts.nameHint,
    filter:
      filter.trim() === ''
        ? texts.filterMissing
        : 'problem' in parsed
          ? batch.targets.invalid(parsed.problem)
          : undefined,
  }
  const submit = async () => {
    setIsTried(true)
    if (problems.name || problems.filter) return
    const created = await action.run(undefined)
    if (!created) return
    flashes.success(texts.created(name, created.instanceCount))
    onClose()
  }
  return (
    <FormDialog title={texts.create} submit={texts.create} {...action} onSubmit={() => void submit()} onClose={onClose}>
      <FormField label={texts.name} constraintText={texts.nameHint} errorText={isTried && problems.name}>
        <Input
          value={name}
          autoFocus
          autoComplete="off"
          spellcheck={false}
          onChange={({ detail }) => setName(detail.value)}
        />
      </FormField>
      <FormField label={texts.filter} constraintText={texts.filterHint} errorText={isTried && problems.filter}>
        <Input
          value={filter}
          autoComplete="off"
          spellcheck={false}
          onChange={({ detail }) => setFilter(detail.value)}
        />
      </FormField>
      <FormField label={texts.description}>
        <Input value={description} autoComplete="off" onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
