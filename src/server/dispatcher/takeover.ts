import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { createWakeHub } from '../../lib/wake-hub.ts'
import type { WorkerLockSession } from '../../store/server/worker-locks.ts'

/** How soon work of a dead process is found. A look is one query, and one lock attempt per foreign worker that holds work. */
const lookEveryMs = 2_000

export interface Takeover {
  /** From now on this worker is known to be alive, and the one before it is dead. */
  register(workerId: string): void
  /** The worker is no good any more: as if the session had broken. */
  releaseWorker(): void
  close(): Promise<void>
}

/**
 * Closes the one gap of the work engine: the lock of a killed worker lasts hours. A process shows that it lives by session locks
 * (store/server/worker-locks.ts); whoever finds a dead worker's lock free gives its work back to all. A process whose session broke is
 * taken for dead although it lives: its work is then done twice, which the execution's row lock makes harmless. It believes so
 * itself and begins anew with another worker: work may have been locked for the old one by a statement whose answer was lost with
 * the database, and would stay locked for as long as that worker is said to be alive.
 */
export function createTakeover(options: {
  readonly openSession: () => Promise<WorkerLockSession>
  readonly unlock: (workerIds: string[]) => Promise<void>
  /** Leaves the worker to itself and registers a new one. */
  readonly replaceWorker: () => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}): Takeover {
  const { clock, log } = options
  let workerId: string | undefined
  /** The one whose lock a session, the last or the present one, has held. */
  let held: string | undefined
  const stop = new AbortController()
  let givenUp = new AbortController()
  /** Ends a pause early. */
  const pause = createWakeHub().watch('')

  async function watch(session: WorkerLockSession): Promise<void> {
    session.gone.addEventListener('abort', pause.wake, { once: true })
    while (!stop.signal.aborted && !session.gone.aborted && !givenUp.signal.aborted) {
      if (workerId !== undefined && workerId !== held) await session.lock(workerId)
      held = workerId
      const dead = await session.listDeadWorkerIds(held === undefined ? [] : [held])
      if (dead.length > 0) {
        log.warn('work of dead server processes is taken over', { workerIds: dead })
        await options.unlock(dead)
      }
      const timer = clock.setTimeout(pause.wake, lookEveryMs)
      await pause.wait(stop.signal)
      timer.cancel()
    }
  }

  async function hold(): Promise<void> {
    while (!stop.signal.aborted) {
      let session: WorkerLockSession | undefined
      try {
        session = await options.openSession()
        if (held !== undefined || givenUp.signal.aborted) await replaceWorker()
        await watch(session)
      } catch (error) {
        log.warn('the session that shows that this process is alive broke; a new one is opened', {
          error: String(error),
        })
        await clock.wait(lookEveryMs, stop.signal)
      } finally {
        await session
          ?.end()
          .catch((error) => log.debug('a broken session did not close cleanly', { error: String(error) }))
      }
    }
  }

  async function replaceWorker(): Promise<void> {
    const old = workerId
    givenUp = new AbortController()
    await options.replaceWorker()
    held = undefined
    if (old !== undefined) await options.unlock([old])
  }

  const holding = hold()
  return {
    register: (id) => {
      workerId = id
      // There is a new worker to hold a lock for.
      pause.wake()
    },
    releaseWorker() {
      givenUp.abort()
      pause.wake()
    },
    async close() {
      stop.abort()
      await holding
    },
  }
}
