import { chainAuditLog } from '../../app/access/audit/audit-chain.ts'
import { type AuditReceiver, exportAuditLog } from '../../app/access/audit/export-audit.ts'
import type { AppContext } from '../../app/context.ts'

/** An entry is chained and exported after this time at the latest. */
const everyMs = 2_000
const longestPauseMs = 60_000

/**
 * Chains new entries of the audit log and delivers them to receivers, at intervals. A receiver that
 * fails is tried again after increasing pauses; the others do not wait for it.
 */
export function runAuditLoops(
  context: Pick<AppContext, 'database' | 'clock' | 'log'>,
  receivers: readonly AuditReceiver[],
): () => Promise<void> {
  const stop = new AbortController()
  const { clock, log } = context
  async function repeat(step: () => Promise<void>, failure: string): Promise<void> {
    let pauseMs = everyMs
    while (!stop.signal.aborted) {
      await clock.wait(pauseMs, stop.signal)
      if (stop.signal.aborted) return
      try {
        await step()
        pauseMs = everyMs
      } catch (error) {
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
        log.warn(`${failure}; the next attempt follows in ${pauseMs / 1_000} s`, { error: String(error) })
      }
    }
  }
  const loops = [
    repeat(() => chainAuditLog(context), 'new entries of the audit log were not chained'),
    ...receivers.map((receiver) =>
      repeat(
        () => exportAuditLog(context, receiver, stop.signal),
        `the audit log was not exported to ${receiver.name}`,
      ),
    ),
  ]
  return async () => {
    stop.abort()
    await Promise.all(loops)
  }
}
