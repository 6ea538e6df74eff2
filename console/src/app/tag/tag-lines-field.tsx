import FormField from '@cloudscape-design/components/form-field'
import Textarea from '@cloudscape-design/components/textarea'
import type { ReactNode } from 'react'
import { useTexts } from '../../i18n/language.tsx'
import { readTagLines } from './tag-lines.ts'

/** Tags, one per line; shows errors after the first attempt to save. */
export function TagLinesField({
  label,
  value,
  isTried,
  onChange,
}: {
  readonly label: ReactNode
  readonly value: string
  readonly isTried: boolean
  readonly onChange: (lines: string) => void
}) {
  const { tags } = useTexts().data
  const read = readTagLines(value, tags)
  return (
    <FormField
      label={label}
      constraintText={tags.hint}
      errorText={isTried && 'problem' in read ? read.problem : undefined}
    >
      <Textarea value={value} rows={3} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  )
}
