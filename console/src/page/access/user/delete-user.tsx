import { ConfirmDialog } from '../../../app/dialog/confirm-dialog.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { accessUrl } from '../access-url.ts'

/** A user with policies or keys needs a forced delete: the error of the server lists them. */
export function DeleteUser({ userName, onClose }: { readonly userName: string; readonly onClose: () => void }) {
  const { users: texts } = useTexts().access
  const [, setUrl] = useUrlState(accessUrl)
  return (
    <ConfirmDialog
      title={texts.deleteTitle(userName)}
      detail={texts.deleteDetail}
      submit={texts.delete}
      done={texts.deleted(userName)}
      force={{ label: texts.deleteAnyway, isOfferedAfter: ({ code }) => code === 'UserInUse' }}
      act={(client, force) => client.users.delete(userName, { force })}
      refreshes={['access/']}
      onDone={() => setUrl({ selected: '' })}
      onClose={onClose}
    />
  )
}
