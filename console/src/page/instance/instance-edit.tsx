import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { maxInstanceNameLength } from '../../../../src/core/limits.ts'
import type { InstancePatch, InstanceView } from '../../../../src/protocol/api/instances.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { readTagLines, writeTagLines } from '../../app/tag/tag-lines.ts'
import { TagLinesField } from '../../app/tag/tag-lines-field.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Edits name, tags and group. Sends only changed fields, so that concurrent changes persist. */
export function InstanceEdit({ instance, onClose }: { readonly instance: InstanceView; readonly onClose: () => void }) {
  const { data, instances } = useTexts()
  const { detail } = instances
  const flashes = useFlashes()
  const [before] = useState({
    name: instance.name,
    lines: writeTagLines(instance.tags),
    resourceGroup: instance.resourceGroup,
  })
  const [typed, setTyped] = useState(before)
  const [isTried, setIsTried] = useState(false)
  const action = useAction((client, patch: InstancePatch) => client.instances.patch(instance.id, patch), ['instances'])

  const name = typed.name.trim()
  const resourceGroup = typed.resourceGroup.trim()
  const read = readTagLines(typed.lines, data.tags)
  const isNameWrong = name === '' || name.length > maxInstanceNameLength
  const save = async () => {
    setIsTried(true)
    if ('problem' in read || isNameWrong) return
    const saved = await action.run({
      ...(name !== before.name && { name }),
      ...(typed.lines !== before.lines && { tags: { ...read.tags } }),
      ...(resourceGroup !== before.resourceGroup && { resourceGroup }),
    })
    if (!saved) return
    flashes.success(detail.saved(saved.name))
    onClose()
  }
  return (
    <FormDialog
      title={detail.editTitle(before.name)}
      submit={data.save}
      {...action}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <FormField
        label={detail.name}
        errorText={isTried && isNameWrong ? detail.nameWrong(maxInstanceNameLength) : undefined}
      >
        <Input value={typed.name} onChange={({ detail: { value } }) => setTyped({ ...typed, name: value })} />
      </FormField>
      <TagLinesField
        label={detail.tags}
        value={typed.lines}
        isTried={isTried}
        onChange={(lines) => setTyped({ ...typed, lines })}
      />
      <FormField label={detail.group}>
        <Input
          spellcheck={false}
          value={typed.resourceGroup}
          onChange={({ detail: { value } }) => setTyped({ ...typed, resourceGroup: value })}
        />
      </FormField>
    </FormDialog>
  )
}
