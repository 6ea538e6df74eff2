import type { ExecutionId } from '../../../core/id.ts'
import type { Database } from '../../../store/database/database.ts'
import {
  deleteExpiredOutput,
  deleteMarkedExecution,
  listMarkedExecutions,
  updateOutputGone,
} from '../../../store/execution/retention.ts'
import type { AppContext } from '../context.ts'

/**
 * The time that a request spends on removing deleted rows; the next round of `applyRetention`
 * removes the rest.
 */
const requestMs = 2_000

/**
 * Removes executions that were marked as deleted, step by step, within the time limit of a request.
 * A failure is logged and not thrown: the executions are deleted, and the next round removes the
 * rest.
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
 * Removes every execution that is marked as deleted and was not removed completely.
 * @param mayContinue is called before every step
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
    // Undefined: it does not exist any more, or another server removes it.
    if (step === undefined || step.isRemoved) return
  }
}
