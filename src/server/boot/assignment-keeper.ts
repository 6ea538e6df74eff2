import type { WatchAll } from '../../lib/wake-hub.ts'
import { evaluateAssignments } from '../app/assignment/evaluate-assignments.ts'
import { settleBoots } from '../app/assignment/settle-boots.ts'
import type { AppContext } from '../app/context.ts'

/** Finds what no announcement has reached. */
const sweepMs = 30_000
/** Changes come in groups: reports of a batch, instances that connect after an outage. */
const settleMs = 500
/** Evaluations take at most a fifth of the time, whatever changes meanwhile. */
const restFactor = 4

/**
 * Evaluates the assignments, and which of them new instances await, whenever something changes, here or on another server, and
 * periodically. Returns a function that stops it.
 * @param watch of every change
 */
export function keepAssignments(context: AppContext, watch: WatchAll): () => Promise<void> {
  const stop = new AbortController()
  const { clock } = context
  const keep = async () => {
    while (!stop.signal.aborted) {
      const began = clock.monotonicMs()
      watch.take()
      await evaluateAssignments(context, stop.signal)
        .then(() => settleBoots(context))
        .catch((error: unknown) =>
          context.log.warn('assignments were not evaluated; the next round retries', { error }),
        )
      await clock.wait(settleMs + restFactor * (clock.monotonicMs() - began), stop.signal)
      const sweep = clock.setTimeout(() => watch.wake(), sweepMs)
      await watch.wait(stop.signal)
      sweep.cancel()
    }
    watch.close()
  }
  const keeping = keep()
  return async () => {
    stop.abort()
    await keeping
  }
}
