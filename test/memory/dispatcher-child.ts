// Pokes of a dispatcher on a real PostgreSQL. A round pokes eight executions, and ends when the
// work engine has run their jobs.

import type { ExecutionId } from '../../src/core/id.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { createDispatcher } from '../../src/server/dispatcher/dispatcher.ts'
import { createDatabase, createPool } from '../../src/store/database/database.ts'
import { openWorkerLockSession } from '../../src/store/server/worker-locks.ts'
import { printBytesPerRound } from './bytes-per-round.ts'

const connection = JSON.parse(process.argv[2] ?? '')
const pool = createPool(connection, (error) => {
  throw error
})
let completed = () => {}
const dispatcher = await createDispatcher({
  database: createDatabase(pool),
  pool,
  openSession: () => openWorkerLockSession(connection),
  effects: { nudge: () => undefined, changed: () => undefined },
  clock: systemClock,
  log: {
    ...silentLogger,
    debug: (message) => {
      if (message.includes('Completed task')) completed()
    },
  },
})
// They do not exist: each poke is one job, and one query that finds nothing.
const ids = Array.from({ length: 8 }, (_, n) => `exec-000000000000000${n}` as ExecutionId)
await printBytesPerRound(100, async () => {
  let left = ids.length
  const done = new Promise<void>((resolve) => {
    completed = () => {
      left -= 1
      if (left === 0) resolve()
    }
  })
  dispatcher.poke(ids)
  await done
})
await dispatcher.close()
await pool.end()
