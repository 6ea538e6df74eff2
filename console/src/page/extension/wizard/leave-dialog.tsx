import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { LeaveConfirmation } from '../../../app/dialog/leave-confirmation.ts'
import { useTexts } from '../../../i18n/language.tsx'

/** Asks whether to keep or discard the draft before leaving. */
export function LeaveDialog({
  request,
  isSending,
  onDiscard,
}: {
  readonly request: LeaveConfirmation
  readonly isSending: boolean
  readonly onDiscard: () => void
}) {
  const { data, extensionWizard } = useTexts()
  const texts = extensionWizard.leave
  return (
    <Modal
      visible={request.isAsked}
      header={texts.title}
      closeAriaLabel={data.close}
      onDismiss={request.stay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={request.stay}>
              {texts.stay}
            </Button>
            <Button onClick={onDiscard}>{texts.discard}</Button>
            <Button variant="primary" onClick={request.leave}>
              {texts.keep}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        <Box>{texts.detail}</Box>
        {isSending && <Box>{texts.uploads}</Box>}
      </SpaceBetween>
    </Modal>
  )
}
