import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import FormField from '@cloudscape-design/components/form-field'
import { maxTagsPerInstance } from '../../../../../src/core/limits.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import type { TagRow } from '../batch-state.ts'
import { ValueSuggest } from './value-suggest.tsx'

/** Editor for required tags, one row each. */
export function TagRows({ form, problem }: { readonly form: BatchForm; readonly problem: string | undefined }) {
  const { targets } = useTexts().batch
  const { state, change } = form
  // Starts with one empty row.
  const rows = state.tags.length === 0 ? [{ key: '', value: '' }] : state.tags
  const changeRow = (at: number, values: Partial<TagRow>) =>
    change({ tags: rows.map((row, index) => (index === at ? { ...row, ...values } : row)) })
  return (
    <FormField label={targets.tags} description={targets.tagsHint} errorText={problem} stretch>
      <AttributeEditor
        items={rows}
        addButtonText={targets.addTag}
        removeButtonText={targets.removeTag}
        removeButtonAriaLabel={({ key }) => targets.removeTagNamed(key)}
        empty={targets.noTags}
        disableAddButton={rows.length >= maxTagsPerInstance}
        onAddButtonClick={() => change({ tags: [...rows, { key: '', value: '' }] })}
        onRemoveButtonClick={({ detail }) => change({ tags: rows.filter((_, index) => index !== detail.itemIndex) })}
        definition={[
          {
            label: targets.tagKey,
            control: ({ key }, index) => (
              <ValueSuggest
                property="tag"
                label={targets.tagKey}
                value={key}
                onChange={(next) => changeRow(index, { key: next })}
              />
            ),
          },
          {
            label: targets.tagValue,
            control: ({ key, value }, index) => (
              <ValueSuggest
                property={key.trim() === '' ? undefined : `tag:${key.trim()}`}
                label={targets.tagValue}
                value={value}
                onChange={(next) => changeRow(index, { value: next })}
              />
            ),
          },
        ]}
      />
    </FormField>
  )
}
