import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { executionKey } from './use-execution.ts'

/** Asks first, and says what cancelling does to each kind of task; the numbers are those of this moment. */
export function CancelDialog({
  execution,
  onClose,
}: {
  readonly execution: ExecutionView
  readonly onClose: () => void
}) {
  const { cancelDialog, actions, nameOperation } = useTexts().executions
  const flashes = useFlashes()
  const { id, operation, counts } = execution
  const cancel = useAction((client) => client.executions.cancel(id), [executionKey(id), 'executions'])
  const confirm = async () => {
    if (!(await cancel.run(undefined))) return
    flashes.success(actions.cancelled)
    onClose()
  }
  return (
    <Modal
      visible
      header={cancelDialog.title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {cancelDialog.back}
            </Button>
            <Button variant="primary" loading={cancel.isRunning} onClick={() => void confirm()}>
              {cancelDialog.confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        <ProblemAlert error={cancel.error} />
        <div>{cancelDialog.what(nameOperation(operation))}</div>
        <ul>
          {(counts.Pending ?? 0) > 0 && <li>{cancelDialog.pending(counts.Pending ?? 0)}</li>}
          {(counts.Running ?? 0) > 0 && <li>{cancelDialog.running(counts.Running ?? 0)}</li>}
          {(counts.Success ?? 0) > 0 && <li>{cancelDialog.stays(counts.Success ?? 0)}</li>}
        </ul>
      </SpaceBetween>
    </Modal>
  )
}
