import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { createWakeHub } from '../../lib/wake-hub.ts'
import type { WorkerLockSession } from '../../store/server/worker-locks.ts'

/**
 * How often work of dead processes is searched. A search is one query, and one lock attempt per
 * foreign worker that holds a job.
 */
const lookEveryMs = 2_000

/** Takes over the jobs of dead processes. */
export interface Takeover {
  /** Marks this worker as alive, and the previous one as dead. */
  register(workerId: string): void
  /** Gives the worker up, as if its session had broken. */
  releaseWorker(): void
  close(): Promise<void>
}

/**
 * Closes a gap of the work engine, in which the job locks of a killed worker last hours. A process
 * proves that it is alive by session locks (store/server/worker-locks.ts); the process that finds a
 * dead worker's lock free releases its jobs for all. A process whose session broke counts as dead
 * although it runs: its jobs then run twice, which the execution's row lock makes harmless. It also
 * treats itself as dead and continues with a new worker: a statement whose response was lost with
 * the database may have locked a job for the old worker, which would remain locked while that
 * worker counts as alive.
 */
export function createTakeover(options: {
  readonly openSession: () => Promise<WorkerLockSession>
  readonly unlock: (workerIds: string[]) => Promise<void>
  /** Abandons the worker and registers a new one. */
  readonly replaceWorker: () => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}): Takeover {
  const { clock, log } = options
  let workerId: string | undefined
  /** The worker whose lock a session, the last or the current one, has held. */
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
        log.warn('jobs of dead server processes are taken over', { workerIds: dead })
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
        log.warn('the session that proves that this process is alive broke; a new one is opened', {
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
      // A new worker needs a lock.
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
