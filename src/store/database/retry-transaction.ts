import type { Kysely, Transaction, TransactionBuilder } from 'kysely'

/** SQLSTATE of a deadlock and of a transaction that could not be put in an order with another: nothing of it stays, and it may be run again. */
const conflicts = ['40P01', '40001']
/** Transactions here are short: one that loses this often has another problem. */
const maxAttempts = 5
const pauseMs = 20

/** Whether PostgreSQL ended a transaction for the sake of another one. */
const isConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && conflicts.includes(String(error.code))

/**
 * The same database, whose transactions are run again when PostgreSQL ends them for the sake of another one. What is run has no effect but
 * on its transaction until it is committed, as everywhere in app.
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
      // At random, so that two that met do not meet again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs * 2 ** attempt))
    }
  }
}
