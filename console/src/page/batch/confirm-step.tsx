import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ExecutionRequest, PlanRequest } from '../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { startingRequest } from '../../app/operation/start-permissions.ts'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { PlanChangedAlert } from '../../app/plan/plan-changed-alert.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import type { BatchForm } from './batch-form.ts'
import { ConfirmSummary } from './confirm-summary.tsx'
import { makeClientToken } from './make-client-token.ts'
import { CommandView } from './operation/command-view.tsx'
import { PlanTable } from './plan/plan-table.tsx'
import { countPlan } from './targets/filter-plan.ts'

/** Shows the plan for every instance; nothing happens until the user creates the execution. */
export function ConfirmStep({ form, onBack }: { readonly form: BatchForm; readonly onBack: () => void }) {
  const { confirm } = useTexts().batch
  const { request } = form.batch
  if (request) return <Confirmation form={form} request={request} onBack={onBack} />
  // Opened by its address: data is still loading, or fields that addresses do not hold are missing.
  if (form.choice.isLoadingVersions && form.state.action !== 'upgradeAgents') return <Planning />
  return (
    <Alert type="warning" action={<Button onClick={onBack}>{confirm.back}</Button>}>
      {confirm.incomplete}
    </Alert>
  )
}

function Confirmation({
  form,
  request,
  onBack,
}: {
  readonly form: BatchForm
  readonly request: PlanRequest
  readonly onBack: () => void
}) {
  const { confirm } = useTexts().batch
  const { success } = useFlashes()
  const [, navigate] = useLocation()
  // One token per confirmation: repeated requests create one execution.
  const [clientToken] = useState(makeClientToken)
  const plan = useQuery(`plans/${JSON.stringify(request)}`, (client) => client.executions.plan(request))
  const start = useAction((client, body: ExecutionRequest) => client.executions.start(body), ['executions', 'overview'])
  const { description } = form.unshared
  const execution: ExecutionRequest = { ...request, mode: form.state.mode, description: description.trim() }
  const shown = plan.isOld ? undefined : plan.data
  const create = async () => {
    const created = await start.run({ ...execution, clientToken, ...(shown && { ifPlan: shown.digest }) })
    // The plan may have changed: show the new one before the next confirmation.
    if (!created) return plan.refresh()
    success(confirm.created(created.id))
    navigate(`/executions/${created.id}`)
  }
  const workCount = shown ? countPlan(shown).changes : 0
  const actions = (
    <SpaceBetween size="xs" direction="horizontal">
      <Button variant="link" onClick={onBack}>
        {confirm.back}
      </Button>
      <PermittedButton
        permission={startingRequest(request)}
        variant="primary"
        disabled={!shown || plan.error !== undefined}
        loading={start.isRunning}
        onClick={() => void create()}
      >
        {confirm.create}
      </PermittedButton>
    </SpaceBetween>
  )
  return (
    <SpaceBetween size="l">
      <PlanChangedAlert error={start.error} />
      <ProblemAlert error={plan.error} onRetry={plan.refresh} />
      {!shown && !plan.error && <Planning />}
      {!shown && plan.error && actions}
      {shown && request.action === 'uninstall' && workCount > 0 && (
        <Alert type="warning" header={confirm.removes(shown.extension ?? '', workCount)}>
          {confirm.removesDetail}
        </Alert>
      )}
      {shown?.group?.isUnusual && (
        <Alert type="warning">{confirm.everyInstance(shown.group.name, shown.group.total)}</Alert>
      )}
      {shown && workCount === 0 && (
        <Alert type="info" header={confirm.nothing}>
          {confirm.nothingDetail}
        </Alert>
      )}
      {shown && <ConfirmSummary form={form} request={request} plan={shown} actions={actions} />}
      {shown && <PlanTable form={form} plan={shown} />}
      <CommandView request={execution} declarations={form.declarations} />
    </SpaceBetween>
  )
}

function Planning() {
  const { confirm } = useTexts().batch
  return (
    <Container>
      <Box textAlign="center" padding="l" color="text-body-secondary">
        <span role="status">
          <Spinner /> {confirm.planning}
        </span>
      </Box>
    </Container>
  )
}
