import Box from '@cloudscape-design/components/box'
import FileUpload from '@cloudscape-design/components/file-upload'
import FormField from '@cloudscape-design/components/form-field'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'

/** 100,000 IDs with a few columns; a larger file is not a list of instances. */
const maxFileBytes = 32 * 1024 * 1024
/** Limit for editing in a text area; longer files show only their size. */
const maxShownLength = 50_000

/** IDs or names: typed, pasted, or read from a local file that is not uploaded. */
export function ListInput({ form, problem }: { readonly form: BatchForm; readonly problem: string | undefined }) {
  const { targets } = useTexts().batch
  const format = useFormat()
  const [file, setFile] = useState<File>()
  const { unshared, changeUnshared, batch } = form
  const isTooLarge = file !== undefined && file.size > maxFileBytes
  const read = 'targets' in batch.targets ? batch.targets.targets : undefined
  const choose = async (chosen: File | undefined) => {
    setFile(chosen)
    if (!chosen || chosen.size <= maxFileBytes) changeUnshared({ list: chosen ? await chosen.text() : '' })
  }
  return (
    <SpaceBetween size="m">
      <FormField label={targets.list} description={targets.listHint} errorText={problem} stretch>
        {unshared.list.length <= maxShownLength && (
          <Textarea
            value={unshared.list}
            rows={6}
            spellcheck={false}
            onChange={({ detail }) => {
              setFile(undefined)
              changeUnshared({ list: detail.value })
            }}
          />
        )}
      </FormField>
      <FileUpload
        accept=".csv,.txt,text/csv,text/plain"
        value={file ? [file] : []}
        showFileSize
        errorText={isTooLarge ? targets.fileTooLarge(format.bytes(maxFileBytes)) : undefined}
        i18nStrings={{
          uploadButtonText: () => targets.file,
          dropzoneText: () => targets.dropFile,
          removeFileAriaLabel: () => targets.removeFile,
        }}
        onChange={({ detail }) => void choose(detail.value[0])}
      />
      {read && (read.kind === 'ids' || read.kind === 'names') && (
        <Box color="text-body-secondary">
          {targets.listRead(read.kind === 'ids' ? read.ids.length : read.names.length)}
        </Box>
      )}
    </SpaceBetween>
  )
}
