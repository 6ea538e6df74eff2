import Box from '@cloudscape-design/components/box'
import type { ClientError } from '../../../src/client/client-error.ts'
import { useTexts } from '../i18n/language.tsx'

/** Suggested fix, individual problems, and the request ID for the administrator. */
export function ProblemDetail({ error }: { readonly error: ClientError }) {
  const { data } = useTexts()
  const { next } = data.explainError(error)
  return (
    <>
      {next !== '' && <div>{next}</div>}
      {error.problems.length > 0 && (
        <ul>
          {error.problems.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path !== '' && <Box variant="code">{path}</Box>} {message}
            </li>
          ))}
        </ul>
      )}
      <Box variant="small" color="inherit">
        {data.errorCode(error.code)}
        {error.requestId !== '' && ` · ${data.requestId(error.requestId)}`}
      </Box>
    </>
  )
}
