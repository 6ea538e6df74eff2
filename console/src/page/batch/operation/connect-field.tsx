import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { defaultAgentConnectTimeoutMs } from '../../../../../src/core/limits.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { timeLimits } from './minutes.ts'

/** What an upgrade of agents does, and how long a new agent may take to connect. */
export function ConnectField({ form }: { readonly form: BatchForm }) {
  const { operation, connect } = useTexts().batch
  const format = useFormat()
  const { state, change, batch } = form
  const { minMs, maxMs } = timeLimits.connect
  return (
    <SpaceBetween size="l">
      <Box color="text-body-secondary">{operation.agentsKeep}</Box>
      <FormField
        label={connect.minutes}
        constraintText={connect.minutesHint(format.duration(defaultAgentConnectTimeoutMs))}
        errorText={
          batch.connectTimeoutMs === null ? connect.invalid(format.duration(minMs), format.duration(maxMs)) : undefined
        }
      >
        <Input
          value={state.connectMinutes}
          inputMode="decimal"
          autoComplete="off"
          onChange={({ detail }) => change({ connectMinutes: detail.value })}
        />
      </FormField>
    </SpaceBetween>
  )
}
