import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import type { ExtensionView } from '../../../../src/protocol/api/extensions.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { readTagLines, writeTagLines } from '../../app/tag/tag-lines.ts'
import { TagLinesField } from '../../app/tag/tag-lines-field.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Edits tags and resource group of an extension; this creates no version. */
export function EditTags({ extension, onClose }: { readonly extension: ExtensionView; readonly onClose: () => void }) {
  const { extensions, data } = useTexts()
  const texts = extensions.tags
  const [lines, setLines] = useState(() => writeTagLines(extension.tags))
  const [resourceGroup, setResourceGroup] = useState(extension.resourceGroup)
  const [isTried, setIsTried] = useState(false)
  const read = readTagLines(lines, data.tags)
  const action = useAction(
    (client, tags: Record<string, string>) => client.extensions.patch(extension.name, { tags, resourceGroup }),
    ['extensions'],
  )
  const save = async () => {
    setIsTried(true)
    if ('tags' in read && (await action.run({ ...read.tags }))) onClose()
  }
  return (
    <FormDialog title={texts.title} submit={data.save} {...action} onSubmit={() => void save()} onClose={onClose}>
      <TagLinesField label={extensions.column.tags} value={lines} isTried={isTried} onChange={setLines} />
      <FormField label={texts.group}>
        <Input value={resourceGroup} onChange={({ detail }) => setResourceGroup(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
