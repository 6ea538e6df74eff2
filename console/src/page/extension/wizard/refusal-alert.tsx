import { useEffect, useRef } from 'react'
import type { ClientError } from '../../../../../src/client/client-error.ts'
import { ProblemAlert } from '../../../app/problem-alert.tsx'

/**
 * Error of the create request. The button is at the end of a long page, so the alert scrolls into
 * view and takes the focus.
 */
export function RefusalAlert({ error }: { readonly error: ClientError | undefined }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!error) return
    place.current?.focus()
    place.current?.scrollIntoView({ block: 'center' })
  }, [error])
  if (!error) return null
  return (
    <div ref={place} tabIndex={-1}>
      <ProblemAlert error={error} />
    </div>
  )
}
