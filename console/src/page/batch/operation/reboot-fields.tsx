import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { defaultRebootTimeoutMs } from '../../../../../src/core/limits.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { OptionCheckbox } from '../option-checkbox.tsx'
import { timeLimits } from './minutes.ts'

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
              ? reboot.invalid(format.duration(timeLimits.reboot.minMs), format.duration(timeLimits.reboot.maxMs))
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
