import Alert from '@cloudscape-design/components/alert'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { InstanceRemoval } from './instance-removal.tsx'

/**
 * Why an instance receives no tasks, with the two decisions of the operator. Empty for admitted
 * instances.
 */
export function InstanceAdmission({ instance }: { readonly instance: InstanceView }) {
  const { instances, executions } = useTexts()
  const { admission: texts } = instances
  const [dialog, setDialog] = useState<'admit' | 'refuse'>()
  const { admission } = instance
  if (admission === 'admitted') return null
  const labels = texts[admission]
  const actions =
    admission === 'pending'
      ? { admit: 'ecs:ApproveInstance', refuse: 'ecs:ApproveInstance' }
      : { admit: 'ecs:ReleaseInstance', refuse: 'ecs:DeleteInstance' }
  const permissionFor = (decision: keyof typeof actions) => ({
    action: actions[decision],
    resource: `instance/${instance.id}`,
  })
  return (
    <>
      <Alert
        type={admission === 'pending' ? 'info' : 'error'}
        header={labels.title}
        action={
          <SpaceBetween direction="horizontal" size="xs">
            <PermittedButton permission={permissionFor('refuse')} onClick={() => setDialog('refuse')}>
              {labels.refuse}
            </PermittedButton>
            <PermittedButton permission={permissionFor('admit')} variant="primary" onClick={() => setDialog('admit')}>
              {labels.admit}
            </PermittedButton>
          </SpaceBetween>
        }
      >
        {executions.explainReason({
          reason: instance.admissionReason ?? '',
          reasonMessages: instance.admissionReasonMessages,
        })}{' '}
        {labels.detail}
      </Alert>
      {dialog === 'admit' && <Admit instance={instance} onClose={() => setDialog(undefined)} />}
      {dialog === 'refuse' && <Refuse instance={instance} onClose={() => setDialog(undefined)} />}
    </>
  )
}

interface DialogProps {
  readonly instance: InstanceView
  readonly onClose: () => void
}

function Admit({ instance: { id, name, admission }, onClose }: DialogProps) {
  const { admission: texts } = useTexts().instances
  const isPending = admission === 'pending'
  const labels = texts[isPending ? 'pending' : 'quarantined']
  return (
    <ConfirmDialog
      title={labels.admitTitle(name)}
      detail={labels.admitDetail}
      submit={labels.admit}
      done={labels.admitted(name)}
      act={(client) => (isPending ? client.instances.approve(id) : client.instances.release(id))}
      refreshes={['instances', 'overview']}
      onClose={onClose}
    />
  )
}

function Refuse({ instance, onClose }: DialogProps) {
  const { admission: texts } = useTexts().instances
  const [, navigate] = useLocation()
  if (instance.admission !== 'pending') return <InstanceRemoval instance={instance} onClose={onClose} />
  const { pending } = texts
  return (
    <ConfirmDialog
      title={pending.refuseTitle(instance.name)}
      detail={pending.refuseDetail}
      submit={pending.refuse}
      done={pending.refused(instance.name)}
      act={(client) => client.instances.reject(instance.id)}
      refreshes={['instances', 'overview']}
      onDone={() => navigate('/instances')}
      onClose={onClose}
    />
  )
}
