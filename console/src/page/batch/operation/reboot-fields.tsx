import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { defaultRebootTimeoutMs, maxRebootTimeoutMs, minRebootTimeoutMs } from '../../../../../src/core/limits.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { OptionCheckbox } from '../option-checkbox.tsx'

/** The permission to reboot and, if it is given, its time limit. */
export function RebootFields({ form }: { readonly form: BatchForm }) {
  const { reboot } = useTexts().batch
  const format = useFormat()
  const { state, change, batch } = form
  return (
    <SpaceBetween size="s">
      <OptionCheckbox form={form} option="reboot" />
      {state.options.includes('reboot') && (
        <FormField
          label={reboot.minutes}
          constraintText={reboot.minutesHint(format.duration(defaultRebootTimeoutMs))}
          errorText={
            batch.rebootTimeoutMs === null
              ? reboot.invalid(format.duration(minRebootTimeoutMs), format.duration(maxRebootTimeoutMs))
              : undefined
          }
        >
          <Input
            value={state.rebootMinutes}
            inputMode="decimal"
            autoComplete="off"
            onChange={({ detail }) => change({ rebootMinutes: detail.value })}
          />
        </FormField>
      )}
    </SpaceBetween>
  )
}
