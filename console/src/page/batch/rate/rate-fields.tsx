import ColumnLayout from '@cloudscape-design/components/column-layout'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import Textarea from '@cloudscape-design/components/textarea'
import { batchPauses, type RateControl } from '../../../../../src/core/execution/rate-control.ts'
import { gateFailurePolicies } from '../../../../../src/core/gate/gate.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'

/** Fields of the selected mode. */
export function RateFields({ form }: { readonly form: BatchForm }) {
  const { rate } = useTexts().batch
  const { state, change } = form
  const isBatch = state.control === 'Batch'
  const gateProblem = form.batch.rateProblems.gates
  return (
    <ColumnLayout columns={2}>
      {isBatch && (
        <AmountField
          form={form}
          field="batches"
          label={rate.batches}
          hint={rate.batchesHint}
          value={state.batches}
          onChange={(batches) => change({ batches })}
        />
      )}
      {isBatch ? (
        <AmountField
          form={form}
          field="concurrencyInBatches"
          label={rate.batchConcurrency}
          hint={rate.amountHint}
          value={state.batchConcurrency}
          onChange={(batchConcurrency) => change({ batchConcurrency })}
        />
      ) : (
        <AmountField
          form={form}
          field="concurrency"
          label={rate.concurrency}
          hint={rate.amountHint}
          value={state.concurrency}
          onChange={(concurrency) => change({ concurrency })}
        />
      )}
      <AmountField
        form={form}
        field="maxErrors"
        label={rate.errors}
        hint={rate.errorsHint}
        value={state.errors}
        onChange={(errors) => change({ errors })}
      />
      {isBatch && (
        <FormField label={rate.pause}>
          <Select
            selectedOption={{ value: state.pause, label: rate.pauses[state.pause] }}
            options={batchPauses.map((value) => ({ value, label: rate.pauses[value] }))}
            onChange={({ detail }) =>
              change({ pause: batchPauses.find((pause) => pause === detail.selectedOption.value) ?? 'Automatic' })
            }
          />
        </FormField>
      )}
      {isBatch && (
        <FormField
          label={rate.gates}
          constraintText={rate.gatesHint}
          errorText={gateProblem === undefined ? undefined : rate.invalid(gateProblem)}
        >
          <Textarea
            rows={3}
            value={state.gates}
            spellcheck={false}
            placeholder={'soak:10m\nprometheus:https://prometheus?query=QUERY < 0.01\napproval:1'}
            onChange={({ detail }) => change({ gates: detail.value })}
          />
        </FormField>
      )}
      {isBatch && state.gates.trim() !== '' && (
        <FormField label={rate.gateFailure}>
          <Select
            selectedOption={{ value: state.gateFailure, label: rate.gateFailures[state.gateFailure] }}
            options={gateFailurePolicies.map((value) => ({ value, label: rate.gateFailures[value] }))}
            onChange={({ detail }) =>
              change({
                gateFailure: gateFailurePolicies.find((one) => one === detail.selectedOption.value) ?? 'pause',
              })
            }
          />
        </FormField>
      )}
    </ColumnLayout>
  )
}

function AmountField({
  form,
  field,
  label,
  hint,
  value,
  onChange,
}: {
  readonly form: BatchForm
  readonly field: keyof RateControl
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const { rate } = useTexts().batch
  const problem = form.batch.rateProblems[field]
  return (
    <FormField
      label={label}
      constraintText={hint}
      errorText={problem === undefined ? undefined : rate.invalid(problem)}
    >
      <Input value={value} autoComplete="off" spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  )
}
