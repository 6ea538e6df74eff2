import { useLocation } from 'wouter'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { useTexts } from '../../i18n/language.tsx'

export function DeleteDialog({
  execution: { id, operation, taskCount },
  onClose,
}: {
  readonly execution: ExecutionView
  readonly onClose: () => void
}) {
  const { deleteDialog, actions, nameOperation } = useTexts().executions
  const [, navigate] = useLocation()
  const name = nameOperation(operation)
  return (
    <ConfirmDialog
      title={deleteDialog.title}
      detail={deleteDialog.what(name, taskCount)}
      submit={deleteDialog.confirm}
      done={actions.deleted(name)}
      act={(client) => client.executions.delete(id)}
      refreshes={['executions']}
      onDone={() => navigate('/executions')}
      onClose={onClose}
    />
  )
}
