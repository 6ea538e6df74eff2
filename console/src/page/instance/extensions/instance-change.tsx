import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Action } from '../../../../../src/core/extension/extension.ts'
import { isWork } from '../../../../../src/core/plan/plan.ts'
import type { ExecutionRequest, PlanRequest } from '../../../../../src/protocol/api/executions.ts'
import type { InstanceExtensionView, InstanceView } from '../../../../../src/protocol/api/instances.ts'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../../app/flashes.tsx'
import { ParameterValueList } from '../../../app/plan/parameter-values.tsx'
import { PlanChangedAlert } from '../../../app/plan/plan-changed-alert.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { makeClientToken } from '../../batch/make-client-token.ts'
import { describeParameters } from './describe-parameters.ts'
import { InstancePlan } from './instance-plan.tsx'
import { renderBatchAddress } from './render-batch-address.ts'

export interface RequestedChange {
  readonly action: Action
  readonly row: InstanceExtensionView
}

/** Previews a change before it runs. To set values, the user continues on the batch page. */
export function InstanceChange({
  instance,
  change: { action, row },
  onClose,
}: {
  readonly instance: InstanceView
  readonly change: RequestedChange
  readonly onClose: () => void
}) {
  const { instances, executions } = useTexts()
  const { change: texts, extensions } = instances
  const flashes = useFlashes()
  const [, navigate] = useLocation()
  // One token per dialog: repeated requests create one execution.
  const [clientToken] = useState(makeClientToken)
  // Names the version, so that the confirmed version runs even if another one is published
  // meanwhile.
  const [version] = useState(action === 'uninstall' ? undefined : row.newest)
  const { extension } = row
  const declared = useQuery(version && `extensions/${extension}/versions/${version}`, (client) =>
    client.extensions.getVersion(extension, version ?? ''),
  )
  const parameters = describeParameters(version === undefined ? {} : declared.data?.parameters, action)
  const request: PlanRequest = { action, extension, version, targets: { kind: 'ids', ids: [instance.id] } }
  const isMissing = parameters !== undefined && parameters.missing.length > 0
  const isPlanned = parameters !== undefined && !isMissing
  const plan = useQuery(isPlanned ? `instance/plan?${JSON.stringify(request)}` : undefined, (client) =>
    client.executions.plan(request),
  )
  const start = useAction(
    (client, body: ExecutionRequest) => client.executions.start(body),
    ['executions', 'instance/', 'overview'],
  )
  const toBatch = renderBatchAddress({ action, extension, version: version ?? '', instances: [instance.id] })
  const [target] = plan.data?.targets ?? []
  const submit = async () => {
    if (isMissing) return navigate(toBatch)
    const execution = await start.run({ ...request, clientToken, ...(plan.data && { ifPlan: plan.data.digest }) })
    if (!execution) return plan.refresh()
    const href = `/executions/${execution.id}`
    flashes.success(texts.started(executions.nameOperation(execution.operation)), { text: texts.open, href })
    onClose()
  }
  return (
    <FormDialog
      title={texts.title[action](extension, instance.name)}
      submit={isMissing ? texts.toBatch : extensions.action[action]}
      isRunning={start.isRunning}
      error={undefined}
      canSubmit={isMissing || (target !== undefined && isWork(target) && plan.error === undefined)}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <PlanChangedAlert error={start.error} />
      <ProblemAlert error={declared.error} onRetry={declared.refresh} />
      <ProblemAlert error={plan.error} onRetry={plan.refresh} />
      {isMissing && <Alert type="info">{texts.missing(parameters.missing.join(', '))}</Alert>}
      {!isMissing && !declared.error && !plan.error && <InstancePlan target={target} />}
      {plan.data && plan.data.parameters.some(({ values }) => Object.keys(values).length > 0) && (
        <FormField label={texts.parameters}>
          <ParameterValueList values={plan.data.parameters} />
        </FormField>
      )}
      {!isMissing && target && isWork(target) && instance.status === 'offline' && (
        <Alert type="warning">{texts.offline}</Alert>
      )}
      {isPlanned && parameters.defaults.length > 0 && (
        <div>
          {texts.defaults(parameters.defaults.join(', '))} <Link href={toBatch}>{texts.toBatch}</Link>
        </div>
      )}
    </FormDialog>
  )
}
