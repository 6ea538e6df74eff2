import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
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
        <Button onClick={() => setDialog('removal')}>{detail.remove}</Button>
        <Button onClick={() => setDialog('role')}>{detail.setRole}</Button>
        <Button onClick={() => setDialog('edit')}>{detail.edit}</Button>
      </SpaceBetween>
      {dialog === 'edit' && <InstanceEdit instance={instance} onClose={close} />}
      {dialog === 'role' && <InstanceRole instance={instance} onClose={close} />}
      {dialog === 'removal' && <InstanceRemoval instance={instance} onClose={close} />}
    </>
  )
}
