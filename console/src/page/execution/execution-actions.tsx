import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { type ExecutionReasonCode, offersControl } from '../../../../src/core/execution/execution.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { batchOperation, changedExtensions } from '../../app/operation/operation-kinds.ts'
import { startingOperation } from '../../app/operation/start-permissions.ts'
import { PermittedButton, PermittedMenu } from '../../app/permitted-button.tsx'
import { useSession } from '../../app/session.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { ApprovalDialog } from './approval-dialog.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { RetryDialog } from './retry-dialog.tsx'
import { RollbackDialog } from './rollback-dialog.tsx'
import { useExecutionControl } from './use-execution-control.ts'

/** Available controls of an execution, from the server's transition table. */
export function ExecutionActions({ execution }: { readonly execution: ExecutionView }) {
  const { actions } = useTexts().executions
  const [dialog, setDialog] = useState<'approve' | 'cancel' | 'delete' | 'reject' | 'retry' | 'rollback'>()
  const { id, operation, status, reasonCode, mode, openBatch, counts, rolledBackBy, changes = [] } = execution
  const { reasonMessages = [], createdBy } = execution
  const on = (action: string) => ({ action, resource: `execution/${id}` })
  const can = (control: Parameters<typeof offersControl>[1]) => offersControl(status, control)
  const isApproval = status === 'Waiting' && reasonCode === 'BatchPause'
  const pause = useExecutionControl(execution, 'pause', actions.paused)
  const resume = useExecutionControl(
    execution,
    'resume',
    isApproval ? actions.approved(openBatch + 1) : actions.resumed,
  )
  const complete = useExecutionControl(execution, 'complete', actions.completed)
  const toRetry = (counts.Failed ?? 0) + (counts.Cancelled ?? 0)
  const { session } = useSession()
  const asksForApproval = status === 'Waiting' && reasonMessages.some(({ code }) => code === 'GateNeedsApproval')
  const canRollBack = changedExtensions(operation).length > 0 && rolledBackBy === undefined && changes.length > 0
  const more = [
    ...(mode === 'Debug' && can('complete')
      ? [{ id: 'complete', text: actions.complete, permission: on('oos:NotifyExecution') }]
      : []),
    // The batch page needs no further input.
    ...(batchOperation(operation)
      ? [{ id: 'again', text: actions.again, href: `/batch?again=${id}`, permission: startingOperation(operation) }]
      : []),
    ...(can('delete') ? [{ id: 'delete', text: actions.delete, permission: on('oos:DeleteExecutions') }] : []),
  ]
  const onMore = (item: string) => {
    if (item === 'complete') void complete.run()
    if (item === 'delete') setDialog('delete')
  }
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        {can('pause') && (
          <PermittedButton
            permission={on('oos:NotifyExecution')}
            loading={pause.isRunning}
            onClick={() => void pause.run()}
          >
            {actions.pause}
          </PermittedButton>
        )}
        {can('cancel') && (
          <PermittedButton permission={on('oos:CancelExecution')} onClick={() => setDialog('cancel')}>
            {actions.cancel}
          </PermittedButton>
        )}
        {can('rollback') && canRollBack && (
          <PermittedButton permission={on('oos:NotifyExecution')} onClick={() => setDialog('rollback')}>
            {actions.rollback}
          </PermittedButton>
        )}
        {can('retry') && toRetry > 0 && (
          <PermittedButton permission={on('oos:NotifyExecution')} variant="primary" onClick={() => setDialog('retry')}>
            {actions.retry}
          </PermittedButton>
        )}
        {asksForApproval && createdBy !== session.userName && (
          <>
            <PermittedButton permission={on('chandler:ApproveExecution')} onClick={() => setDialog('reject')}>
              {actions.reject}
            </PermittedButton>
            <PermittedButton
              permission={on('chandler:ApproveExecution')}
              variant="primary"
              onClick={() => setDialog('approve')}
            >
              {actions.approve(openBatch + 1)}
            </PermittedButton>
          </>
        )}
        {can('resume') && mode !== 'Debug' && !waitsForTime.includes(reasonCode) && (
          <PermittedButton
            permission={on('oos:NotifyExecution')}
            variant="primary"
            loading={resume.isRunning}
            onClick={() => void resume.run()}
          >
            {isApproval
              ? actions.approve(openBatch + 1)
              : reasonCode === 'GateFailed'
                ? actions.gatesAgain
                : actions.resume}
          </PermittedButton>
        )}
        {more.length > 0 && (
          <PermittedMenu items={more} onItemClick={({ detail }) => onMore(detail.id)}>
            {actions.more}
          </PermittedMenu>
        )}
      </SpaceBetween>
      {dialog === 'cancel' && <CancelDialog execution={execution} onClose={() => setDialog(undefined)} />}
      {dialog === 'retry' && <RetryDialog execution={execution} onClose={() => setDialog(undefined)} />}
      {(dialog === 'approve' || dialog === 'reject') && (
        <ApprovalDialog execution={execution} decision={dialog} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'rollback' && <RollbackDialog execution={execution} onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && <DeleteDialog execution={execution} onClose={() => setDialog(undefined)} />}
    </>
  )
}

/** Nothing that a user could resume. */
const waitsForTime: readonly ExecutionReasonCode[] = [
  'GateWait',
  'NotYet',
  'OutsideWindow',
  'Frozen',
  'AwaitingSignatures',
]
