import Container from '@cloudscape-design/components/container'
import Divider from '@cloudscape-design/components/divider'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tiles from '@cloudscape-design/components/tiles'
import { executionModes } from '../../../../../src/core/execution/rate-control.ts'
import { listBatchGroups } from '../../../../../src/core/execution/resolve-rate-control.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { OptionCheckbox } from '../option-checkbox.tsx'
import { resolveDrawing } from '../resolve-drawing.ts'
import { useTargetCount } from '../targets/use-target-count.ts'
import { BatchDrawing } from './batch-drawing.tsx'
import { RateFields } from './rate-fields.tsx'

const exampleCount = 100

/** Rate control form with a live drawing. */
export function RateCard({ form }: { readonly form: BatchForm }) {
  const { rate, drawing } = useTexts().batch
  const { state, change, batch } = form
  const total = useTargetCount(batch.targets)
  const isExample = !total || total.count === 0
  const count = isExample ? exampleCount : total.count
  return (
    <Container header={<Header variant="h2">{rate.title}</Header>}>
      <SpaceBetween size="l">
        <FormField label={rate.mode} stretch>
          <Tiles
            value={state.control}
            columns={2}
            items={(['Concurrency', 'Batch'] as const).map((value) => ({
              value,
              label: rate.modes[value].label,
              description: rate.modes[value].detail,
            }))}
            onChange={({ detail }) => change({ control: detail.value === 'Batch' ? 'Batch' : 'Concurrency' })}
          />
        </FormField>
        <RateFields form={form} />
        {batch.rateControl && (
          <BatchDrawing
            drawn={resolveDrawing(batch.rateControl, state.mode, count)}
            isDebug={state.mode === 'Debug'}
            note={[
              isExample ? drawing.example : drawing.isUpTo,
              listBatchGroups(batch.rateControl.batches).length > 0 && drawing.groups,
            ]
              .filter(Boolean)
              .join(' ')}
          />
        )}
        <Divider />
        <FormField label={rate.execution} stretch>
          <RadioGroup
            value={state.mode}
            items={executionModes.map((value) => ({
              value,
              label: rate.executionModes[value].label,
              description: rate.executionModes[value].detail,
            }))}
            onChange={({ detail }) =>
              change({ mode: executionModes.find((mode) => mode === detail.value) ?? 'Automatic' })
            }
          />
        </FormField>
        <OptionCheckbox form={form} option="strict" />
      </SpaceBetween>
    </Container>
  )
}
