import type { ExecutionId } from '../../../core/id.ts'
import type { Database } from '../../../store/database/database.ts'
import {
  deleteExpiredOutput,
  deleteMarkedExecution,
  listMarkedExecutions,
  updateOutputGone,
} from '../../../store/execution/retention.ts'
import type { AppContext } from '../context.ts'

/** The time that a request spends on removing what it deleted; the rest is removed by the next round of `applyRetention`. */
const requestMs = 2_000

/**
 * Removes executions that were marked as deleted, step by step, as far as a request has time for it. A failure is logged and not
 * thrown: the executions are deleted, and the next round removes what is left.
 */
export async function removeSoon(
  { database, clock, log }: Pick<AppContext, 'database' | 'clock' | 'log'>,
  ids: readonly ExecutionId[],
): Promise<void> {
  const until = clock.monotonicMs() + requestMs
  try {
    for (const id of ids) await removeDeleted(database, id, async () => clock.monotonicMs() < until)
  } catch (error) {
    log.warn('deleted executions were not removed completely; the next round continues', { error: String(error) })
  }
}

/**
 * Removes every execution that is marked as deleted: what a request, or a server that ended, left.
 * @param mayContinue is asked before every step
 */
export async function removeAllDeleted(database: Database, mayContinue: () => Promise<boolean>): Promise<void> {
  for (const id of await listMarkedExecutions(database)) await removeDeleted(database, id, mayContinue)
}

/** One short transaction for each step. */
async function removeDeleted(database: Database, id: ExecutionId, mayContinue: () => Promise<boolean>): Promise<void> {
  while ((await deleteExpiredOutput(database, id)) > 0) if (!(await mayContinue())) return
  await updateOutputGone(database, id)
  while (await mayContinue()) {
    const step = await database.transaction().execute((transaction) => deleteMarkedExecution(transaction, id))
    // Undefined: it is gone, or another server removes it.
    if (step === undefined || step.isRemoved) return
  }
}
