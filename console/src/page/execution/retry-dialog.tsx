import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { isWork } from '../../../../src/core/plan/plan.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import type { PlanView } from '../../../../src/protocol/api/plan/plans.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { ParameterValueList } from '../../app/plan/parameter-values.tsx'
import { PlanChangedAlert } from '../../app/plan/plan-changed-alert.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { makeClientToken } from '../batch/make-client-token.ts'
import { executionKey } from './use-execution.ts'

/** Limit of listed instances; all are counted, and the new execution lists them. */
const maxNamed = 20

/** Previews the retry for each instance. */
export function RetryDialog({
  execution: { id },
  failure,
  onClose,
}: {
  readonly execution: ExecutionView
  /** The failure group; undefined: all tasks that failed or never started. */
  readonly failure?: string
  readonly onClose: () => void
}) {
  const { actions, retryDialog } = useTexts().executions
  const flashes = useFlashes()
  const [, navigate] = useLocation()
  // One token per dialog: repeated requests create one execution.
  const [clientToken] = useState(makeClientToken)
  const chosen = failure === undefined ? {} : { failure }
  const plan = useQuery(`${executionKey(id)}/retry/${failure ?? ''}`, (client) =>
    client.executions.planRetry(id, chosen),
  )
  const shown = plan.isOld ? undefined : plan.data
  const retry = useAction(
    (client, ifPlan: string) => client.executions.retry(id, { ...chosen, clientToken, ifPlan }),
    ['executions'],
  )
  const submit = async () => {
    if (!shown) return
    const started = await retry.run(shown.digest)
    // The next confirmation applies to the refreshed plan.
    if (!started) return plan.refresh()
    flashes.success(actions.retried(started.taskCount))
    navigate(`/executions/${started.id}`)
    onClose()
  }
  return (
    <FormDialog
      title={retryDialog.title}
      submit={retryDialog.confirm}
      isRunning={retry.isRunning}
      error={undefined}
      canSubmit={shown !== undefined && plan.error === undefined}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <PlanChangedAlert error={retry.error} />
      <ProblemAlert error={plan.error} onRetry={plan.refresh} />
      {!shown && !plan.error && (
        <span role="status">
          <Spinner /> {retryDialog.planning}
        </span>
      )}
      {shown && <RelatedPlan plan={shown} />}
    </FormDialog>
  )
}

/** Planned changes of an execution that repeats or reverts another one. */
export function RelatedPlan({ plan }: { readonly plan: PlanView }) {
  const { batch, executions } = useTexts()
  const { retryDialog } = executions
  const format = useFormat()
  // Changes come first.
  const named = plan.targets.toSorted((a, b) => Number(isWork(b)) - Number(isWork(a))).slice(0, maxNamed)
  const steps = Object.entries(plan.counts).filter(([, count]) => count > 0)
  return (
    <>
      <FormField label={retryDialog.what}>
        {steps.map(([step, count]) => (
          <div key={step}>
            {batch.confirm.steps[step as keyof typeof batch.confirm.steps]}: {format.number(count)}
          </div>
        ))}
      </FormField>
      <FormField label={retryDialog.rate}>
        {retryDialog.atOnce(plan.concurrency, plan.batchSizes.length, plan.maxErrors)}
      </FormField>
      {plan.parameters.some(({ values }) => Object.keys(values).length > 0) && (
        <FormField label={executions.details.parameters}>
          <ParameterValueList values={plan.parameters} />
        </FormField>
      )}
      <FormField label={batch.confirm.instances}>
        {named.map(({ instanceId, instanceName, ...target }) => (
          <div key={instanceId}>
            <b>{instanceName}</b>{' '}
            <Box variant="small" display="inline">
              {executions.explainTask(target)}
            </Box>
          </div>
        ))}
        {plan.targetCount > named.length && retryDialog.more(plan.targetCount - named.length)}
      </FormField>
    </>
  )
}
