import Box from '@cloudscape-design/components/box'
import { useState } from 'react'
import type { PrincipalView } from '../../../../../src/protocol/api/access.ts'
import { FormDialog } from '../../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../../app/flashes.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { PolicyChoice } from './policy-choice.tsx'
import { findPolicyDifference } from './policy-difference.ts'

export function UserPolicies({ user, onClose }: { readonly user: PrincipalView; readonly onClose: () => void }) {
  const { access, data } = useTexts()
  const { users: texts } = access
  const flashes = useFlashes()
  const [names, setNames] = useState<readonly string[]>(user.policies)
  const action = useAction(
    async (client) => {
      const { attach, detach } = findPolicyDifference(user.policies, names)
      for (const policy of attach) await client.users.attach(user.name, policy)
      for (const policy of detach) await client.users.detach(user.name, policy)
      return true
    },
    ['access/'],
  )
  const submit = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(texts.policiesSaved(user.name))
    onClose()
  }
  return (
    <FormDialog
      title={texts.policiesTitle(user.name)}
      submit={data.save}
      {...action}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Box color="text-body-secondary">{texts.policiesDetail}</Box>
      <PolicyChoice names={names} onChange={setNames} />
    </FormDialog>
  )
}
