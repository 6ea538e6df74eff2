import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { useNow } from './use-now.ts'
import { useProgress } from './use-progress.ts'

/** When it will be over, if it goes on as it did lately. */
export function ExpectedEnd({ execution }: { readonly execution: ExecutionView }) {
  const { executions } = useTexts()
  const format = useFormat()
  const now = useNow(true)
  const { data } = useProgress(execution)
  if (execution.status === 'Waiting') return executions.summary.expectedPaused
  if (!data?.expectedEndAt) return executions.summary.expectedUnknown
  return `${format.ago(data.expectedEndAt, now)} (${format.instant(data.expectedEndAt)})`
}
