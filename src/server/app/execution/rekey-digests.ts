import { rekeyExecutionParts, rekeyExecutions, rekeyInstalledStates } from '../../../store/execution/plain-digests.ts'
import type { AppContext } from '../context.ts'

/** Short transactions, so that locks are held briefly. */
const rowsAtOnce = 1_000

/**
 * Replaces the plain digests of parameter values that earlier releases stored, from which secrets
 * could be guessed. Runs at the start of a server and periodically, because a server of an earlier
 * release may still run beside this one.
 */
export async function rekeyDigests({
  database,
  digests,
  log,
}: Pick<AppContext, 'database' | 'digests' | 'log'>): Promise<void> {
  let count = 0
  for (const rekeySome of [rekeyExecutions, rekeyExecutionParts, rekeyInstalledStates]) {
    for (;;) {
      const done = await database
        .transaction()
        .execute((transaction) => rekeySome(transaction, digests.rekey, rowsAtOnce))
      count += done
      if (done < rowsAtOnce) break
    }
  }
  if (count > 0) log.info('plain digests of parameter values were replaced by keyed ones', { count })
}
