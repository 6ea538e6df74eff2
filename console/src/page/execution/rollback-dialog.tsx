import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { PlanChangedAlert } from '../../app/plan/plan-changed-alert.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { makeClientToken } from '../batch/make-client-token.ts'
import { RelatedPlan } from './retry-dialog.tsx'
import { executionKey } from './use-execution.ts'

/** Previews the rollback for each instance. */
export function RollbackDialog({
  execution: { id },
  onClose,
}: {
  readonly execution: ExecutionView
  readonly onClose: () => void
}) {
  const { actions, rollbackDialog } = useTexts().executions
  const flashes = useFlashes()
  const [, navigate] = useLocation()
  // One token per dialog: repeated requests create one execution.
  const [clientToken] = useState(makeClientToken)
  const plan = useQuery(`${executionKey(id)}/rollback`, (client) => client.executions.planRollback(id))
  const shown = plan.isOld ? undefined : plan.data
  const rollback = useAction(
    (client, ifPlan: string) => client.executions.rollback(id, { clientToken, ifPlan }),
    ['executions'],
  )
  const submit = async () => {
    if (!shown) return
    const started = await rollback.run(shown.digest)
    // The next confirmation applies to the refreshed plan.
    if (!started) return plan.refresh()
    flashes.success(actions.rolledBack(started.taskCount))
    navigate(`/executions/${started.id}`)
    onClose()
  }
  return (
    <FormDialog
      title={rollbackDialog.title}
      submit={rollbackDialog.confirm}
      isRunning={rollback.isRunning}
      error={undefined}
      canSubmit={shown !== undefined && plan.error === undefined}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <PlanChangedAlert error={rollback.error} />
      <ProblemAlert error={plan.error} onRetry={plan.refresh} />
      {!shown && !plan.error && (
        <span role="status">
          <Spinner /> {rollbackDialog.planning}
        </span>
      )}
      {shown && <RelatedPlan plan={shown} />}
    </FormDialog>
  )
}
