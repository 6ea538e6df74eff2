import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { LeaveQuestion } from '../../../app/dialog/leave-question.ts'
import { useTexts } from '../../../i18n/language.tsx'

/** Asks whoever is about to leave what becomes of the draft. */
export function LeaveDialog({
  question,
  isSending,
  onDiscard,
}: {
  readonly question: LeaveQuestion
  readonly isSending: boolean
  readonly onDiscard: () => void
}) {
  const { data, extensionWizard } = useTexts()
  const texts = extensionWizard.leave
  return (
    <Modal
      visible={question.isAsked}
      header={texts.title}
      closeAriaLabel={data.close}
      onDismiss={question.stay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={question.stay}>
              {texts.stay}
            </Button>
            <Button onClick={onDiscard}>{texts.discard}</Button>
            <Button variant="primary" onClick={question.leave}>
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
