import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { useNow } from './use-now.ts'
import type { ProgressView } from './use-progress.ts'

/** Estimated end, from recent progress. */
export function ExpectedEnd({
  execution,
  progress,
}: {
  readonly execution: ExecutionView
  readonly progress: ProgressView | undefined
}) {
  const { executions } = useTexts()
  const format = useFormat()
  const now = useNow(true)
  if (execution.status === 'Waiting') {
    const continuesAt = findContinuation(execution)
    if (continuesAt !== undefined) return executions.summary.continuesAt(format.instant(continuesAt))
    return execution.reasonCode === 'GateWait' ? executions.summary.atGate : executions.summary.expectedPaused
  }
  if (!progress?.expectedEndAt) return executions.summary.expectedUnknown
  return `${format.ago(progress.expectedEndAt, now)} (${format.instant(progress.expectedEndAt)})`
}

/** When an execution continues by itself that waits for time; undefined: it waits for something else. */
function findContinuation({ reasonMessages = [] }: ExecutionView): string | undefined {
  const message = reasonMessages.find(({ code }) => timed.includes(code))
  const until = message && 'until' in message.arguments ? message.arguments.until : undefined
  return typeof until === 'number' ? new Date(until).toISOString() : undefined
}

const timed: readonly string[] = ['GateSoaks', 'StartsAt', 'WindowClosed', 'FrozenUntil']
