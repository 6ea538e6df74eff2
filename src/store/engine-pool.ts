import type { Pool, PoolClient } from 'pg'
import { isDatabaseDown } from './database-fault.ts'

/** One of the codes that the work engine tries again for (see RETRYABLE_ERROR_CODES in graphile-worker). */
const triedAgain = 'ETIMEDOUT'

/**
 * The pool as the work engine has to see it. The engine does not wait for the statements that give a piece of work back, and tries
 * them again for a few codes only: whatever else is wrong with the database when they run would end the process as an unhandled
 * rejection. Here a database that is down has a code that the engine tries again for.
 */
export function createEnginePool(pool: Pool): Pool {
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'connect') return connect
      return bindTo(target, Reflect.get(target, name, target))
    },
  })

  // With a callback it is the engine's listener, which connects again for every error.
  function connect(callback?: Parameters<Pool['connect']>[0]) {
    return callback ? pool.connect(callback) : pool.connect().then(wrapClient, translate)
  }
}

const wrapClient = (client: PoolClient): PoolClient =>
  new Proxy(client, {
    get(target, name) {
      if (name !== 'query') return bindTo(target, Reflect.get(target, name, target))
      return (...words: Parameters<PoolClient['query']>) => Promise.resolve(target.query(...words)).catch(translate)
    },
  })

function bindTo(target: object, value: unknown): unknown {
  return typeof value === 'function' ? value.bind(target) : value
}

function translate(error: unknown): never {
  if (!isDatabaseDown(error)) throw error
  throw Object.assign(new Error((error as Error).message, { cause: error }), { code: triedAgain })
}
