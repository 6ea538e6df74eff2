import type { LogStreams } from '../execution-parameters.ts'

/** Where a browser downloads what a task has printed. One that shows the streams apart downloads both in one. */
export function outputAddress(
  executionId: string,
  instanceId: string,
  { streams, attempt }: { readonly streams: LogStreams; readonly attempt: number },
): string {
  const query = new URLSearchParams()
  if (streams === 'stdout' || streams === 'stderr') query.set('stream', streams)
  if (attempt > 0) query.set('attempt', String(attempt))
  const path = `/api/v1/executions/${encodeURIComponent(executionId)}/tasks/${encodeURIComponent(instanceId)}/output.txt`
  return query.size === 0 ? path : `${path}?${query}`
}
