import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useId } from 'react'
import type { ClientError } from '../../../../src/client/client-error.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ProblemAlert } from '../problem-alert.tsx'

/** A few fields and one button that does something with them; Enter does it, too. A refusal stands above the fields. */
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
  /** The button that closes it; "Cancel" if not said. */
  readonly back?: string | undefined
  readonly error: ClientError | undefined
  readonly isRunning: boolean
  /** False: there is nothing to do yet, or at all. */
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
          // Events of a dialog reach the form around the button that opened it.
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
