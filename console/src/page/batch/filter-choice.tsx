import FormField from '@cloudscape-design/components/form-field'
import { useState } from 'react'
import { useTexts } from '../../i18n/language.tsx'
import { listFilterTokens, readFilterTokens } from '../instance/list/filter-tokens.ts'
import { ConditionsField } from '../instances/conditions-field.tsx'
import type { BatchForm } from './batch-form.ts'

/**
 * Conditions as on the instances page; instances that meet all of them at the start are targets.
 */
export function FilterChoice({ form, problem }: { readonly form: BatchForm; readonly problem: string | undefined }) {
  const { targets } = useTexts().batch
  const { state, change } = form
  /** Error of the last input. */
  const [wrong, setWrong] = useState<string>()
  const { tokens } = listFilterTokens({ filter: state.filter, search: '' })
  return (
    <FormField
      label={targets.filter}
      description={targets.filterHint}
      errorText={wrong === undefined ? problem : targets.invalid(wrong)}
      stretch
    >
      <ConditionsField
        tokens={tokens}
        isFreeText={false}
        onChange={(next) => {
          const read = readFilterTokens(next)
          setWrong('problem' in read ? read.problem : undefined)
          if ('filter' in read) change({ filter: read.filter })
        }}
      />
    </FormField>
  )
}
