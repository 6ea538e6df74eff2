import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import type { ClientError } from '../../../../src/client/client-error.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ProblemAlert } from '../problem-alert.tsx'

/**
 * Error of a start request. If the plan has changed, explains that the plan below is refreshed and
 * what to do.
 */
export function PlanChangedAlert({ error }: { readonly error: ClientError | undefined }) {
  const { data, executions } = useTexts()
  const { planChanged } = data
  if (error?.code !== 'PlanChanged') return <ProblemAlert error={error} />
  return (
    <Alert type="warning" header={planChanged.title}>
      {planChanged.detail}
      {error.problems.length === 0 ? (
        <Box>{data.explainError(error).message}</Box>
      ) : (
        <ul>
          {error.problems.map(({ path, message, before, after }) => (
            <li key={`${path} ${message}`}>
              <b>{path}</b> {executions.explainPlanChange({ message, before, after })}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  )
}
