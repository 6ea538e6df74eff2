import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { executionKey } from './use-execution.ts'

/** Explains the effect of cancelling on each kind of task, with current numbers. */
export function CancelDialog({
  execution: { id, operation, counts },
  onClose,
}: {
  readonly execution: ExecutionView
  readonly onClose: () => void
}) {
  const { cancelDialog, actions, nameOperation } = useTexts().executions
  const pending = counts.Pending ?? 0
  const running = (counts.Running ?? 0) + (counts.Rebooting ?? 0)
  const stays = counts.Success ?? 0
  return (
    <ConfirmDialog
      title={cancelDialog.title}
      detail={
        <>
          {cancelDialog.what(nameOperation(operation))}
          <ul>
            {pending > 0 && <li>{cancelDialog.pending(pending)}</li>}
            {running > 0 && <li>{cancelDialog.running(running)}</li>}
            {stays > 0 && <li>{cancelDialog.stays(stays)}</li>}
          </ul>
        </>
      }
      submit={cancelDialog.confirm}
      back={cancelDialog.back}
      done={actions.cancelled}
      act={(client) => client.executions.cancel(id)}
      refreshes={[executionKey(id), 'executions']}
      onClose={onClose}
    />
  )
}
