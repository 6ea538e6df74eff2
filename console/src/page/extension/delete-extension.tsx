import { useLocation } from 'wouter'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { useTexts } from '../../i18n/language.tsx'

/**
 * Deletes an extension or one of its versions. If in use, the error names the users, and the
 * deletion can be forced.
 */
export function DeleteExtension({
  name,
  version,
  onClose,
}: {
  readonly name: string
  readonly version?: string
  readonly onClose: () => void
}) {
  const { deletion: texts } = useTexts().extensions
  const [, navigate] = useLocation()
  const what = version === undefined ? name : `${name} ${version}`
  return (
    <ConfirmDialog
      title={texts.title(what)}
      detail={texts.detail}
      submit={texts.submit}
      done={texts.done(what)}
      force={{ label: texts.force, description: texts.forceDetail, isOfferedAfter: ({ status }) => status === 409 }}
      act={({ extensions }, force) =>
        version === undefined ? extensions.delete(name, { force }) : extensions.deleteVersion(name, version, { force })
      }
      refreshes={['extensions']}
      onDone={() => version === undefined && navigate('/extensions')}
      onClose={onClose}
    />
  )
}
