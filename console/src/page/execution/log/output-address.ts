import type { LogStreams } from '../execution-parameters.ts'

/** Download address of a task's output. With separate streams, the download contains both. */
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
