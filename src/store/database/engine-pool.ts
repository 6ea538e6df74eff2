import type { Pool, PoolClient, QueryConfig } from 'pg'

/** One of the codes that the work engine tries again for, for hours (RETRYABLE_ERROR_CODES in graphile-worker). */
const triedAgain = 'ETIMEDOUT'
/** The names of the engine's statements that give a piece of work back. */
const givesBack = /^(complete|fail)_job(_q)?\//

/**
 * The pool as the work engine has to see it. The engine does not wait for the statements that give a piece of work back, and tries
 * them again for a few codes only: any other error would end the process as an unhandled rejection. Here these statements always
 * fail with a code that is tried again. (No others do: the engine waits for those, and stops only when it has tried them for the
 * last time.) Nor does it wait for its listener to connect and to be released: that may happen once only, and not after the end.
 */
export function createEnginePool(pool: Pool): EnginePool {
  /** Statements under way. */
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false
  const proxy = new Proxy(pool, {
    get(target, name) {
      if (name === 'connect') return connect
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    pool: proxy,
    async close() {
      isClosed = true
      await Promise.allSettled(underWay)
    },
  }

  // With a callback it is the engine's listener, which connects again whatever the error is.
  function connect(callback?: Parameters<Pool['connect']>[0]) {
    if (callback === undefined) return Promise.resolve(makeLazyClient(pool, follow))
    // The engine has stopped, and its listener was to connect again.
    if (isClosed) return undefined
    const connected = Promise.withResolvers<void>()
    underWay.add(connected.promise)
    return pool.connect((error, client, release) => {
      underWay.delete(connected.promise)
      connected.resolve()
      callback(error, client, once(release))
    })
  }

  function follow(statement: string | QueryConfig, run: () => Promise<unknown>): Promise<unknown> {
    // Tried again after the end. Nobody waits for the answer, and an error would be an unhandled rejection; what was not given back
    // is taken over by another process, as that of a process that died.
    if (isClosed && isGivingBack(statement)) return new Promise(() => {})
    const answer = run()
    underWay.add(answer)
    const forget = () => underWay.delete(answer)
    answer.then(forget, forget)
    return answer
  }
}

export interface EnginePool {
  readonly pool: Pool
  /** After the engine has stopped: waits for the statements that it did not wait for. Only then may the pool end. */
  close(): Promise<void>
}

type Follow = (statement: string | QueryConfig, run: () => Promise<unknown>) => Promise<unknown>

/** It connects with its first statement: only that tells what has to become of an error. */
function makeLazyClient(
  pool: Pool,
  follow: Follow,
): {
  query(statement: string | QueryConfig, values?: unknown[]): Promise<unknown>
  release(): Promise<void>
} {
  let connecting: Promise<PoolClient> | undefined
  return {
    query: (statement, values) =>
      follow(statement, async () => {
        connecting ??= pool.connect()
        try {
          const client = await connecting
          return await client.query(statement, values)
        } catch (error) {
          if (!isGivingBack(statement)) throw error
          throw Object.assign(new Error((error as Error).message, { cause: error }), { code: triedAgain })
        }
      }),
    async release() {
      const client = await connecting?.catch(() => undefined)
      client?.release()
    },
  }
}

/** The listener gives its connection back when it is stopped and when it breaks, which can be at the same time. */
function once(release: (error?: Error | boolean) => void): (error?: Error | boolean) => void {
  let isReleased = false
  return (error) => {
    if (isReleased) return
    isReleased = true
    release(error)
  }
}

const isGivingBack = (statement: string | QueryConfig) =>
  typeof statement !== 'string' && givesBack.test(statement.name ?? '')
