import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { WorkerLockSession } from '../../store/worker-locks.ts'

/** How soon work of a dead process is found. A look is one query, and one lock attempt per foreign worker that holds work. */
const lookEveryMs = 2_000

export interface Takeover {
  /** From now on this worker is known to be alive. */
  register(workerId: string): void
  close(): Promise<void>
}

/**
 * Closes the one gap of the work engine: the lock of a killed worker lasts hours. A process shows that it lives by session locks
 * (store/worker-locks.ts); whoever finds a dead worker's lock free gives its work back to all. A process whose session broke is
 * taken for dead although it lives: its work is then done twice, which the execution's row lock makes harmless.
 */
export function createTakeover(options: {
  readonly openSession: () => Promise<WorkerLockSession>
  readonly unlock: (workerIds: string[]) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}): Takeover {
  const { clock, log } = options
  const workerIds = new Set<string>()
  const stop = new AbortController()
  /** Aborts a pause when there is a new worker to hold a lock for. */
  let registered = new AbortController()

  async function watch(session: WorkerLockSession): Promise<void> {
    const held = new Set<string>()
    while (!stop.signal.aborted && !session.gone.aborted) {
      for (const workerId of workerIds) {
        if (held.has(workerId)) continue
        await session.lock(workerId)
        held.add(workerId)
      }
      const dead = await session.listDeadWorkerIds([...workerIds])
      if (dead.length > 0) {
        log.warn('work of dead server processes is taken over', { workerIds: dead })
        await options.unlock(dead)
      }
      registered = new AbortController()
      await clock.wait(lookEveryMs, AbortSignal.any([stop.signal, session.gone, registered.signal]))
    }
  }

  async function hold(): Promise<void> {
    while (!stop.signal.aborted) {
      let session: WorkerLockSession | undefined
      try {
        session = await options.openSession()
        await watch(session)
      } catch (error) {
        log.warn('the session that shows that this process is alive broke; a new one is opened', { error: String(error) })
        await clock.wait(lookEveryMs, stop.signal)
      } finally {
        await session?.end().catch((error) => log.debug('a broken session did not close cleanly', { error: String(error) }))
      }
    }
  }

  const holding = hold()
  return {
    register: (workerId) => {
      workerIds.add(workerId)
      registered.abort()
    },
    async close() {
      stop.abort()
      await holding
    },
  }
}
