import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import type { ClientError } from '../../../src/client/client-error.ts'
import { useTexts } from '../i18n/language.tsx'
import { ProblemDetail } from './problem-detail.tsx'

/** A refusal where it belongs: in the place of what could not be shown, or in the form that was refused. */
export function ProblemAlert({
  error,
  onRetry,
}: {
  readonly error: ClientError | undefined
  readonly onRetry?: (() => void) | undefined
}) {
  const { data } = useTexts()
  if (!error) return null
  return (
    <Alert type="error" header={error.message} action={onRetry && <Button onClick={onRetry}>{data.tryAgain}</Button>}>
      <ProblemDetail error={error} />
    </Alert>
  )
}
