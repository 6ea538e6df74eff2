import Box from '@cloudscape-design/components/box'
import type { Client } from '../../../../src/client/client.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { FormDialog } from '../../app/form-dialog.tsx'
import { useAction } from '../../data/use-action.ts'

/** Asks before something is taken away from whoever uses it. */
export function ConfirmDialog({
  title,
  detail,
  submit,
  done,
  act,
  onClose,
}: {
  readonly title: string
  readonly detail: string
  readonly submit: string
  /** What is said afterwards. */
  readonly done: string
  readonly act: (client: Client) => Promise<unknown>
  readonly onClose: () => void
}) {
  const flashes = useFlashes()
  const action = useAction(
    async (client) => {
      await act(client)
      return true
    },
    ['access/'],
  )
  const confirm = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(done)
    onClose()
  }
  return (
    <FormDialog title={title} submit={submit} {...action} onSubmit={() => void confirm()} onClose={onClose}>
      <Box>{detail}</Box>
    </FormDialog>
  )
}
