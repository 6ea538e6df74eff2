import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import type { TaskReasonCode } from '../../../../src/core/execution/execution.ts'
import type { ResolvedRateControl } from '../../../../src/core/execution/rate-control.ts'
import { resolveDebugRateControl } from '../../../../src/core/execution/resolve-rate-control.ts'
import { renderSelector, type Targets } from '../../../../src/core/plan/targets.ts'
import type { PlanRequest } from '../../../../src/protocol/api/executions.ts'
import type { PlanView } from '../../../../src/protocol/api/plan/plans.ts'
import { ParameterValueList } from '../../app/plan/parameter-values.tsx'
import { useTexts } from '../../i18n/language.tsx'
import type { BatchForm } from './batch-form.ts'
import { optionsOf } from './batch-state.ts'
import { OptionList } from './option-list.tsx'
import { BatchDrawing } from './rate/batch-drawing.tsx'

const maxDescriptionLength = 1_024
const maxSelectorLength = 120

/** Summary of the request with the planned batches. */
export function ConfirmSummary({
  form,
  request,
  plan,
  actions,
}: {
  readonly form: BatchForm
  readonly request: PlanRequest
  readonly plan: PlanView
  readonly actions: ReactNode
}) {
  const { batch, executions } = useTexts()
  const { confirm, operation, rate } = batch
  const { state, unshared, changeUnshared } = form
  const action = state.action
  const options = optionsOf(state)
  return (
    <Container
      header={
        <Header variant="h2" actions={actions}>
          {confirm.summary}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={4}
          items={[
            ...(action === 'upgradeAgents'
              ? [{ label: confirm.operation, value: executions.nameOperation(plan.operation) }]
              : [
                  { label: confirm.operation, value: `${operation.actions[action].label} · ${plan.extension ?? ''}` },
                  {
                    label: operation.version,
                    value: action === 'uninstall' ? confirm.noVersion : (plan.version ?? ''),
                  },
                ]),
            {
              label: confirm.instances,
              value: <Meant targets={request.targets as Targets} count={plan.targetCount} />,
            },
            { label: confirm.mode, value: rate.executionModes[state.mode].label },
            {
              label: confirm.verdict,
              value: <AnnouncedVerdict plan={plan} />,
            },
            ...(options.length === 0
              ? []
              : [
                  {
                    label: confirm.options,
                    value: <OptionList options={options} rebootTimeoutMs={request.rebootTimeoutMs} />,
                  },
                ]),
            ...(action === 'uninstall' || action === 'upgradeAgents'
              ? []
              : [{ label: confirm.parameters, value: <ParameterValueList values={plan.parameters} /> }]),
          ]}
        />
        <BatchDrawing drawn={{ resolved: resolvedOf(plan, form) }} isDebug={state.mode === 'Debug'} />
        <FormField label={confirm.note} constraintText={confirm.noteHint} stretch>
          <Input
            value={unshared.description}
            onChange={({ detail }) => changeUnshared({ description: detail.value.slice(0, maxDescriptionLength) })}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  )
}

/** Verdict that left-out targets lead to, shown before the start. */
function AnnouncedVerdict({ plan: { verdict, reasonCounts, offlineCount } }: { readonly plan: PlanView }) {
  const { executions, batch } = useTexts()
  const leftOut = leftOutReasons.flatMap((code) => {
    const count = reasonCounts[code] ?? 0
    return count > 0 ? [`${executions.taskReason[code]}: ${count}`] : []
  })
  return (
    <>
      <StatusIndicator type={verdict.status === 'Success' ? 'success' : 'warning'}>
        {executions.executionStatus[verdict.status]}
      </StatusIndicator>
      {leftOut.map((line) => (
        <div key={line}>{line}</div>
      ))}
      {offlineCount > 0 && <div>{batch.targets.offline(offlineCount)}</div>}
    </>
  )
}

const leftOutReasons = [
  'NotInScope',
  'NoConfiguration',
  'NotInstalled',
  'Offline',
  'ParametersUnfit',
  'ChangedSince',
  'Quarantined',
  'UserNotPermitted',
] as const satisfies readonly TaskReasonCode[]

/** The number of IDs is more informative than the list. */
function Meant({ targets, count }: { readonly targets: Targets; readonly count: number }) {
  const { matches } = useTexts().batch.targets
  const isList = targets.kind === 'ids' || targets.kind === 'names'
  return (
    <>
      {matches(count, true)}
      {!isList && (
        <>
          {' '}
          · <Box variant="code">{clip(renderSelector(targets))}</Box>
        </>
      )}
    </>
  )
}

function resolvedOf(
  { batchSizes, concurrency, maxErrors }: PlanView,
  { state, batch }: BatchForm,
): ResolvedRateControl {
  const gates = batch.rateControl?.gates
  const batchPause = state.control === 'Batch' ? state.pause : 'Automatic'
  const count = batchSizes.reduce((sum, size) => sum + size, 0)
  return state.mode === 'Debug'
    ? resolveDebugRateControl(count, maxErrors)
    : { batchSizes, concurrency, maxErrors, batchPause, ...(gates && { gates }) }
}

const clip = (text: string) => (text.length > maxSelectorLength ? `${text.slice(0, maxSelectorLength)}…` : text)
