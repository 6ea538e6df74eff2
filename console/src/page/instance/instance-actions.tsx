import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { InstanceEdit } from './instance-edit.tsx'
import { InstanceRemoval } from './instance-removal.tsx'
import { InstanceRole } from './instance-role.tsx'

export function InstanceActions({ instance }: { readonly instance: InstanceView }) {
  const { detail } = useTexts().instances
  const [dialog, setDialog] = useState<'edit' | 'role' | 'removal'>()
  const close = () => setDialog(undefined)
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        <PermittedButton
          permission={{ action: 'ecs:DeleteInstance', resource: `instance/${instance.id}` }}
          onClick={() => setDialog('removal')}
        >
          {detail.remove}
        </PermittedButton>
        <PermittedButton
          permission={{ action: 'ecs:AttachInstanceRamRole', resource: `instance/${instance.id}` }}
          onClick={() => setDialog('role')}
        >
          {detail.setRole}
        </PermittedButton>
        <PermittedButton
          permission={{ action: 'ecs:ModifyInstanceAttribute', resource: `instance/${instance.id}` }}
          onClick={() => setDialog('edit')}
        >
          {detail.edit}
        </PermittedButton>
      </SpaceBetween>
      {dialog === 'edit' && <InstanceEdit instance={instance} onClose={close} />}
      {dialog === 'role' && <InstanceRole instance={instance} onClose={close} />}
      {dialog === 'removal' && <InstanceRemoval instance={instance} onClose={close} />}
    </>
  )
}
