import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../i18n/language.tsx'
import { CopyableCode } from '../copyable-code.tsx'

/** The recovery codes, which the server shows only once. */
export function RecoveryCodes({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) {
  const { data, signIn } = useTexts()
  const { secondFactor: texts } = signIn
  const content = codes.join('\n')
  return (
    <Modal
      visible
      header={texts.codesTitle}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            {data.done}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">{texts.codesDetail}</Alert>
        <CopyableCode content={content} label={texts.codesTitle} />
      </SpaceBetween>
    </Modal>
  )
}
