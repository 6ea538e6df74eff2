import FormField from '@cloudscape-design/components/form-field'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { ValueSuggest } from './value-suggest.tsx'

export function GroupChoice({ form, problem }: { readonly form: BatchForm; readonly problem: string | undefined }) {
  const { targets } = useTexts().batch
  const { state, change } = form
  return (
    <FormField label={targets.group} errorText={problem}>
      <ValueSuggest
        property="group"
        label={targets.group}
        placeholder={targets.chooseGroup}
        empty={targets.noGroups}
        value={state.group}
        onChange={(group) => change({ group })}
      />
    </FormField>
  )
}
