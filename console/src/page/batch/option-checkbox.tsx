import Checkbox from '@cloudscape-design/components/checkbox'
import { useTexts } from '../../i18n/language.tsx'
import type { BatchForm } from './batch-form.ts'
import { type BatchOption, batchOptions } from './batch-state.ts'

export function OptionCheckbox({ form, option }: { readonly form: BatchForm; readonly option: BatchOption }) {
  const { label, detail: description } = useTexts().batch.options[option]
  const { state, change } = form
  const set = (isOn: boolean) =>
    change({ options: batchOptions.filter((one) => (one === option ? isOn : state.options.includes(one))) })
  return (
    <Checkbox
      checked={state.options.includes(option)}
      description={description}
      onChange={({ detail }) => set(detail.checked)}
    >
      {label}
    </Checkbox>
  )
}
