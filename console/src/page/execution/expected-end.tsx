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
  if (execution.status === 'Waiting') return executions.summary.expectedPaused
  if (!progress?.expectedEndAt) return executions.summary.expectedUnknown
  return `${format.ago(progress.expectedEndAt, now)} (${format.instant(progress.expectedEndAt)})`
}
