import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import { type ReactNode, useState } from 'react'
import type { Client } from '../../../../src/client/client.ts'
import type { ClientError } from '../../../../src/client/client-error.ts'
import { useAction } from '../../data/use-action.ts'
import { useFlashes } from '../flashes.tsx'
import { FormDialog } from './form-dialog.tsx'

/** Asks for confirmation before a destructive action. */
export function ConfirmDialog({
  title,
  detail,
  submit,
  back,
  done,
  force,
  act,
  refreshes,
  onDone,
  onClose,
}: {
  readonly title: string
  readonly detail: ReactNode
  readonly submit: string
  /** Label of the button that closes the dialog without an action. Default: "Cancel". */
  readonly back?: string
  /** Notification after success. */
  readonly done: string
  /** Label of the option to force an action that the server has refused once. */
  readonly force?: {
    readonly label: string
    readonly description?: string
    readonly isOfferedAfter: (error: ClientError) => boolean
  }
  readonly act: (client: Client, force: boolean) => Promise<unknown>
  readonly refreshes: readonly string[]
  readonly onDone?: () => void
  readonly onClose: () => void
}) {
  const flashes = useFlashes()
  const [isForced, setIsForced] = useState(false)
  const [isForceOffered, setIsForceOffered] = useState(false)
  const action = useAction(async (client) => {
    await act(client, isForced)
    return true
  }, refreshes)
  if (!isForceOffered && action.error && force?.isOfferedAfter(action.error)) setIsForceOffered(true)
  const confirm = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(done)
    onClose()
    onDone?.()
  }
  return (
    <FormDialog title={title} submit={submit} back={back} {...action} onSubmit={() => void confirm()} onClose={onClose}>
      <Box>{detail}</Box>
      {force && isForceOffered && (
        <Checkbox
          checked={isForced}
          description={force.description}
          onChange={({ detail: { checked } }) => setIsForced(checked)}
        >
          {force.label}
        </Checkbox>
      )}
    </FormDialog>
  )
}
