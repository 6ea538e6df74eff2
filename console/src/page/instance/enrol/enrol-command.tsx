import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { renderJoinCommand } from '../../../../../src/core/tls/join-command.ts'
import { isLoopbackHost } from '../../../../../src/core/tls/loopback.ts'
import { CopyableCode } from '../../../app/copyable-code.tsx'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import type { CreatedJoinToken } from './enrol-form.tsx'
import { EnrolJoined } from './enrol-joined.tsx'

/** The enrol command, shown once, and the instances that joined since. */
export function EnrolCommand({ token, onClose }: { readonly token: CreatedJoinToken; readonly onClose: () => void }) {
  const { data, instances } = useTexts()
  const { enrolling: texts } = instances
  const format = useFormat()
  const server = token.publicUrl ?? location.origin
  const url = new URL(server)
  const command = renderJoinCommand({ server, token: token.token, caSha256: token.caSha256, url })
  return (
    <Modal
      visible
      size="large"
      header={texts.runTitle}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Link href="/access?tab=tokens">{texts.tokens}</Link>
            <Button variant="primary" onClick={onClose}>
              {data.done}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>
          {texts.runDetail} {texts.expires(format.instant(token.expiresAt))} {texts.shownOnce}
        </div>
        {isLoopbackHost(url.hostname) && <Alert type="warning">{texts.localAddress(server)}</Alert>}
        <CopyableCode wrapLines content={command} label={texts.runTitle} />
        <EnrolJoined tokenId={token.id} since={token.createdAt} />
      </SpaceBetween>
    </Modal>
  )
}
