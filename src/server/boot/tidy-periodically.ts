import type { Retention } from '../../core/execution/retention.ts'
import { tidySessions } from '../app/access/sessions.ts'
import { collectArtifacts } from '../app/artifact/collect-artifacts.ts'
import { collectUploads } from '../app/artifact/resume-upload.ts'
import type { AppContext } from '../app/context.ts'
import { applyRetention } from '../app/execution/apply-retention.ts'
import { rekeyDigests } from '../app/execution/rekey-digests.ts'
import { tidyActivity } from '../app/execution/tidy-activity.ts'
import { tidyEvents } from '../app/notification/tidy-events.ts'

const tidyEveryMs = 3_600_000

/** Removes unreferenced and expired records, and aggregates old details, at intervals. Returns how to stop. */
export function tidyPeriodically(context: AppContext, retention: Retention): () => Promise<void> {
  const stop = new AbortController()
  const tasks = [
    ['unused artifacts were not removed', () => collectArtifacts(context, { signal: stop.signal })],
    ['unfinished uploads were not removed', () => collectUploads(context)],
    ['activity was not summed up', () => tidyActivity(context)],
    ['plain digests were not replaced', () => rekeyDigests(context)],
    ['ended sessions were not removed', () => tidySessions(context)],
    ['old events were not removed', () => tidyEvents(context)],
    ['what has expired was not removed', () => applyRetention(context, retention, stop.signal)],
  ] as const
  const tidy = async () => {
    while (!stop.signal.aborted) {
      await context.clock.wait(tidyEveryMs, stop.signal)
      for (const [failure, task] of tasks) {
        if (stop.signal.aborted) return
        await task().catch((error: unknown) => context.log.warn(`${failure}; the next round retries`, { error }))
      }
    }
  }
  const tidying = tidy()
  return async () => {
    stop.abort()
    await tidying
  }
}
