import Alert from '@cloudscape-design/components/alert'
import { sentence, useWizardForm } from './wizard-context.ts'

/** Problems of an object as a whole, above its fields. */
export function PlaceAlerts({ place }: { readonly place: string }) {
  const { problemsAt } = useWizardForm()
  const problems = problemsAt(place)
  if (problems.length === 0) return null
  return (
    <>
      {problems.map(({ message, severity }) => (
        // Focus target if no field has a problem: see use-wizard-steps.ts.
        <div key={message} tabIndex={-1} data-error={severity === 'error' || undefined}>
          <Alert type={severity}>{sentence(message)}</Alert>
        </div>
      ))}
    </>
  )
}
