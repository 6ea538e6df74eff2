import type { Pool, PoolClient, QueryConfig } from 'pg'

/** A code that makes the work engine retry for hours (RETRYABLE_ERROR_CODES in graphile-worker). */
const triedAgain = 'ETIMEDOUT'
/** The names of the engine's statements that release a job. */
const givesBack = /^(complete|fail)_job(_q)?\//

/**
 * The pool as the work engine uses it. The engine does not await the statements that release a job,
 * and retries them for a few error codes only: any other error would end the process as an
 * unhandled rejection. Here these statements always fail with a retryable code. (No others do: the
 * engine awaits those, and stops only after their last retry.) Nor does it await connecting and
 * releasing its listener, which must happen only once and not after the end.
 */
export function createEnginePool(pool: Pool): EnginePool {
  /** Running statements. */
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

  // With a callback it is the engine's listener, which reconnects after any error.
  function connect(callback?: Parameters<Pool['connect']>[0]) {
    if (callback === undefined) return Promise.resolve(makeLazyClient(pool, follow))
    // The engine has stopped while its listener was about to reconnect.
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
    // A retry after the end. No caller awaits it, and an error would be an unhandled rejection;
    // another process takes over the job, as it does for a process that died.
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
  /**
   * Call it after the engine has stopped: waits for the statements that the engine did not await.
   * Only then may the pool end.
   */
  close(): Promise<void>
}

type Follow = (statement: string | QueryConfig, run: () => Promise<unknown>) => Promise<unknown>

/** Connects at its first statement, because that determines how errors have to be handled. */
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

/** The listener releases its connection when it is stopped and when it breaks, possibly both. */
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
