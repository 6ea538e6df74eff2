import Alert from '@cloudscape-design/components/alert'
import type { ClientError } from '../../../../src/client/client-error.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { ProblemDetail } from '../../app/problem-detail.tsx'
import { useTexts } from '../../i18n/language.tsx'

/**
 * Explains why a list cannot be displayed. Missing permission is not an error: names the permission
 * and which administrator to contact.
 */
export function NoList({
  what,
  error,
  onRetry,
}: {
  readonly what: string
  readonly error: ClientError
  readonly onRetry: () => void
}) {
  const { access, data } = useTexts()
  if (error.code !== 'AccessDenied') return <ProblemAlert error={error} onRetry={onRetry} />
  return (
    <Alert type="info" header={access.denied.title(what)}>
      <div>{access.denied.next}</div>
      <div>{data.explainError(error).message}</div>
      <ProblemDetail error={error} />
    </Alert>
  )
}
