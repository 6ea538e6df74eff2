import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { CopyableCode } from '../../../app/copyable-code.tsx'
import { useTexts } from '../../../i18n/language.tsx'

/** Values shown only once, each with a copy button. */
export function SecretShown({
  title,
  values,
  onClose,
}: {
  readonly title: string
  readonly values: readonly { readonly label: string; readonly text: string }[]
  readonly onClose: () => void
}) {
  const { data } = useTexts()
  return (
    <Modal
      visible
      size="large"
      header={title}
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
        <Alert type="warning">{data.shownOnce}</Alert>
        {values.map(({ label, text }) => (
          <FormField key={label} label={label} stretch>
            <CopyableCode wrapLines content={text} label={label} copyLabel={`${data.copy}: ${label}`} />
          </FormField>
        ))}
      </SpaceBetween>
    </Modal>
  )
}
