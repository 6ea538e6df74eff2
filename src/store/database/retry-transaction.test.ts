import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'

let db: TestDatabase
beforeEach(async () => {
  db = await startTestDatabase({ migrated: false })
  await db.pool.query(
    'create table counters (id int primary key, n int not null); insert into counters values (1, 0), (2, 0)',
  )
})
afterEach(() => db.stop())

/**
 * Adds one to both rows in this order; both transactions reach the first before either continues.
 */
function addInOrder(first: number, second: number, reached: () => Promise<void>) {
  let attempts = 0
  const done = db.database.transaction().execute(async (transaction) => {
    attempts += 1
    await sql`update counters set n = n + 1 where id = ${first}`.execute(transaction)
    if (attempts === 1) await reached()
    await sql`update counters set n = n + 1 where id = ${second}`.execute(transaction)
    return attempts
  })
  return done
}

test('transactions that deadlock both succeed, each once', async () => {
  const both = Promise.withResolvers<void>()
  let waiting = 0
  const reached = () => {
    waiting += 1
    if (waiting === 2) both.resolve()
    return both.promise
  }
  const attempts = await Promise.all([addInOrder(1, 2, reached), addInOrder(2, 1, reached)])
  expect(Math.max(...attempts)).toBe(2)
  expect((await db.pool.query('select n from counters')).rows).toEqual([{ n: 2 }, { n: 2 }])
})

test('a transaction that cannot be serialised is retried', async () => {
  let attempts = 0
  await db.database
    .transaction()
    .setIsolationLevel('serializable')
    .execute(async (transaction) => {
      attempts += 1
      await sql`select n from counters where id = 1`.execute(transaction)
      if (attempts === 1) await db.pool.query('update counters set n = 5 where id = 1')
      await sql`update counters set n = n + 1 where id = 1`.execute(transaction)
    })
  expect(attempts).toBe(2)
  expect((await db.pool.query('select n from counters where id = 1')).rows).toEqual([{ n: 6 }])
})

test('any other error is passed to the caller', async () => {
  let attempts = 0
  const failing = db.database.transaction().execute(async (transaction) => {
    attempts += 1
    await sql`insert into counters values (1, 1)`.execute(transaction)
  })
  await expect(failing).rejects.toThrow('duplicate key')
  expect(attempts).toBe(1)
})
