import FormField from '@cloudscape-design/components/form-field'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { executionKey } from './use-execution.ts'

/** Asks for the comment of a decision at an approval gate. */
export function ApprovalDialog({
  execution: { id, openBatch },
  decision,
  onClose,
}: {
  readonly execution: Pick<ExecutionView, 'id' | 'openBatch'>
  readonly decision: 'approve' | 'reject'
  readonly onClose: () => void
}) {
  const { approvalDialog } = useTexts().executions
  const flashes = useFlashes()
  const [comment, setComment] = useState('')
  const action = useAction(
    (client, given: string) => client.executions[decision](id, { comment: given }),
    [executionKey(id), 'executions'],
  )
  const texts = approvalDialog[decision]
  const submit = async () => {
    if (!(await action.run(comment))) return
    flashes.success(texts.done)
    onClose()
  }
  return (
    <FormDialog
      title={texts.title(openBatch + 1)}
      submit={texts.confirm}
      isRunning={action.isRunning}
      error={action.error}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <FormField label={approvalDialog.comment} description={approvalDialog.commentHint}>
        <Textarea value={comment} onChange={({ detail }) => setComment(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
