import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import { useState } from 'react'
import { useFlashes } from '../../app/flashes.tsx'
import { FormDialog } from '../../app/form-dialog.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { accessUrl } from './access-url.ts'

/** One that has policies or keys is deleted only by whoever says so: the server names what it has. */
export function DeleteUser({ userName, onClose }: { readonly userName: string; readonly onClose: () => void }) {
  const { access } = useTexts()
  const { users: texts } = access
  const flashes = useFlashes()
  const [, setUrl] = useUrlState(accessUrl)
  const [force, setForce] = useState(false)
  const [isInUse, setIsInUse] = useState(false)
  const action = useAction(
    async (client) => {
      await client.users.delete(userName, { force })
      return true
    },
    ['access/'],
  )
  if (action.error?.code === 'UserInUse' && !isInUse) setIsInUse(true)
  const submit = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(texts.deleted(userName))
    setUrl({ selected: '' })
    onClose()
  }
  return (
    <FormDialog
      title={texts.deleteTitle(userName)}
      submit={texts.delete}
      {...action}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Box>{texts.deleteDetail}</Box>
      {isInUse && (
        <Checkbox checked={force} onChange={({ detail }) => setForce(detail.checked)}>
          {texts.deleteAnyway}
        </Checkbox>
      )}
    </FormDialog>
  )
}
