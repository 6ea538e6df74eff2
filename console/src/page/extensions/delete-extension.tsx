import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { useFlashes } from '../../app/flashes.tsx'
import { FormDialog } from '../../app/form-dialog.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Asks before an extension, or one version of it, is deleted. A refusal says who uses it; then it can be forced. */
export function DeleteExtension({
  name,
  version,
  onClose,
}: {
  readonly name: string
  readonly version?: string
  readonly onClose: () => void
}) {
  const { extensions } = useTexts()
  const texts = extensions.deletion
  const flashes = useFlashes()
  const [, navigate] = useLocation()
  const [force, setForce] = useState(false)
  const action = useAction(
    async (client) => {
      if (version === undefined) await client.extensions.delete(name, { force })
      else await client.extensions.deleteVersion(name, version, { force })
      return true
    },
    ['extensions'],
  )
  const confirm = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(texts.done(version === undefined ? name : `${name} ${version}`))
    if (version === undefined) navigate('/extensions')
    else onClose()
  }
  return (
    <FormDialog
      title={texts.title(version === undefined ? name : `${name} ${version}`)}
      submit={texts.submit}
      {...action}
      onSubmit={() => void confirm()}
      onClose={onClose}
    >
      <Box>{texts.detail}</Box>
      {action.error?.status === 409 && (
        <Checkbox checked={force} onChange={({ detail }) => setForce(detail.checked)} description={texts.forceDetail}>
          {texts.force}
        </Checkbox>
      )}
    </FormDialog>
  )
}
