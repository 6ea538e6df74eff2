import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useId } from 'react'
import type { ClientError } from '../../../../src/client/client-error.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ProblemAlert } from '../problem-alert.tsx'

/**
 * Dialog with a few fields and a submit button; Enter submits, too. Errors appear above the fields.
 */
export function FormDialog({
  title,
  submit,
  back,
  error,
  isRunning,
  canSubmit = true,
  onSubmit,
  onClose,
  children,
}: {
  readonly title: string
  readonly submit: string
  /** Label of the button that closes the dialog. Default: "Cancel". */
  readonly back?: string | undefined
  readonly error: ClientError | undefined
  readonly isRunning: boolean
  /** False: the form cannot be submitted. */
  readonly canSubmit?: boolean
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}) {
  const { data } = useTexts()
  const formId = useId()
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {back ?? data.cancel}
            </Button>
            <Button variant="primary" form={formId} formAction="submit" loading={isRunning} disabled={!canSubmit}>
              {submit}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={formId}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          // React events of a dialog bubble to the form around the button that opened it.
          event.stopPropagation()
          if (!isRunning && canSubmit) onSubmit()
        }}
      >
        <SpaceBetween size="m">
          <ProblemAlert error={error} />
          {children}
        </SpaceBetween>
      </form>
    </Modal>
  )
}
