import type { Kysely, Transaction, TransactionBuilder } from 'kysely'

/**
 * SQLSTATE of a deadlock and of a serialisation failure: the transaction was rolled back and can be
 * retried.
 */
const conflicts = ['40P01', '40001']
/** Transactions here are short: one that fails this often has another problem. */
const maxAttempts = 5
const pauseMs = 20

/** Whether PostgreSQL aborted a transaction because of a conflict with another one. */
const isConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && conflicts.includes(String(error.code))

/**
 * Returns the same database with transactions that are retried after a conflict. A transaction's
 * callback must have no effects outside it before the commit, as everywhere in app.
 */
export function retryTransactions<Schema>(database: Kysely<Schema>): Kysely<Schema> {
  const begin = database.transaction.bind(database)
  database.transaction = () => retry(begin())
  return database
}

function retry<Schema>(builder: TransactionBuilder<Schema>): TransactionBuilder<Schema> {
  const execute = builder.execute.bind(builder)
  const setIsolationLevel = builder.setIsolationLevel.bind(builder)
  const setAccessMode = builder.setAccessMode.bind(builder)
  builder.execute = <Result>(work: (transaction: Transaction<Schema>) => Promise<Result>) =>
    runAgain(() => execute(work))
  builder.setIsolationLevel = (level) => retry(setIsolationLevel(level))
  builder.setAccessMode = (mode) => retry(setAccessMode(mode))
  return builder
}

async function runAgain<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === maxAttempts || !isConflict(error)) throw error
      // A random delay, so that the two do not conflict again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs * 2 ** attempt))
    }
  }
}
