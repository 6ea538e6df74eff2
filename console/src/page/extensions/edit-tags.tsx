import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import type { ExtensionView } from '../../../../src/protocol/api/extensions.ts'
import { FormDialog } from '../../app/form-dialog.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { parseTagLines } from './parse-tag-lines.ts'

/** Tags and resource group of an extension; they make no new version. */
export function EditTags({ extension, onClose }: { readonly extension: ExtensionView; readonly onClose: () => void }) {
  const { extensions, data } = useTexts()
  const texts = extensions.tags
  const [lines, setLines] = useState(() =>
    Object.entries(extension.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  )
  const [resourceGroup, setResourceGroup] = useState(extension.resourceGroup)
  const parsed = parseTagLines(lines)
  const action = useAction(
    (client, tags: Record<string, string>) => client.extensions.patch(extension.name, { tags, resourceGroup }),
    ['extensions'],
  )
  const save = async () => {
    if ('tags' in parsed && (await action.run(parsed.tags))) onClose()
  }
  return (
    <FormDialog title={texts.title} submit={data.save} {...action} onSubmit={() => void save()} onClose={onClose}>
      <FormField
        label={extensions.column.tags}
        description={texts.hint}
        errorText={'line' in parsed ? texts.wrong(parsed.line) : undefined}
      >
        <Textarea value={lines} onChange={({ detail }) => setLines(detail.value)} />
      </FormField>
      <FormField label={texts.group}>
        <Input value={resourceGroup} onChange={({ detail }) => setResourceGroup(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
