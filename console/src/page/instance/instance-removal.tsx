import { useLocation } from 'wouter'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { useTexts } from '../../i18n/language.tsx'

/** Removal during an execution must be forced: the error names the execution. */
export function InstanceRemoval({
  instance: { id, name },
  onClose,
}: {
  readonly instance: InstanceView
  readonly onClose: () => void
}) {
  const { detail } = useTexts().instances
  const [, navigate] = useLocation()
  return (
    <ConfirmDialog
      title={detail.removeTitle(name)}
      detail={detail.removeDetail}
      submit={detail.remove}
      done={detail.removed(name)}
      force={{ label: detail.removeForce, isOfferedAfter: ({ code }) => code === 'InstanceBusy' }}
      act={(client, force) => client.instances.delete(id, { force })}
      refreshes={['instances']}
      onDone={() => navigate('/instances')}
      onClose={onClose}
    />
  )
}
