import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import type { ClientError } from '../../../src/client/client-error.ts'
import { useTexts } from '../i18n/language.tsx'
import { ProblemDetail } from './problem-detail.tsx'

/**
 * An error in the place where it occurred: instead of content that could not load, or in a form.
 */
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
    <Alert
      type="error"
      header={data.explainError(error).message}
      action={onRetry && <Button onClick={onRetry}>{data.tryAgain}</Button>}
    >
      <ProblemDetail error={error} />
    </Alert>
  )
}
