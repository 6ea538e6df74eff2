import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { FormDialog } from '../../app/form-dialog.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Asks first. One that an execution is at work on is removed only by whoever says so: the server names the execution. */
export function InstanceRemoval({
  instance: { id, name },
  onClose,
}: {
  readonly instance: InstanceView
  readonly onClose: () => void
}) {
  const { detail } = useTexts().instances
  const flashes = useFlashes()
  const [, navigate] = useLocation()
  const [force, setForce] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const action = useAction(
    async (client) => {
      await client.instances.delete(id, { force })
      return true
    },
    ['instances'],
  )
  if (action.error?.code === 'InstanceBusy' && !isBusy) setIsBusy(true)
  const remove = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(detail.removed(name))
    navigate('/instances')
  }
  return (
    <FormDialog
      title={detail.removeTitle(name)}
      submit={detail.remove}
      {...action}
      onSubmit={() => void remove()}
      onClose={onClose}
    >
      <Box>{detail.removeDetail}</Box>
      {isBusy && (
        <Checkbox checked={force} onChange={({ detail: { checked } }) => setForce(checked)}>
          {detail.removeForce}
        </Checkbox>
      )}
    </FormDialog>
  )
}
