import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useLocation } from 'wouter'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

export function DeleteDialog({
  execution,
  onClose,
}: {
  readonly execution: ExecutionView
  readonly onClose: () => void
}) {
  const { data, executions } = useTexts()
  const { deleteDialog, actions } = executions
  const flashes = useFlashes()
  const [, navigate] = useLocation()
  const name = executions.nameOperation(execution.operation)
  const remove = useAction(
    async (client) => {
      await client.executions.delete(execution.id)
      return true
    },
    ['executions'],
  )
  const confirm = async () => {
    if (!(await remove.run(undefined))) return
    flashes.success(actions.deleted(name))
    navigate('/executions')
  }
  return (
    <Modal
      visible
      header={deleteDialog.title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {data.cancel}
            </Button>
            <Button variant="primary" loading={remove.isRunning} onClick={() => void confirm()}>
              {deleteDialog.confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        <ProblemAlert error={remove.error} />
        <div>{deleteDialog.what(name, execution.taskCount)}</div>
      </SpaceBetween>
    </Modal>
  )
}
