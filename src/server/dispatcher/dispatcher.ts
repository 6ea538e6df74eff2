import { EventEmitter, once } from 'node:events'
import {
  Logger as EngineLogger,
  makeWorkerUtils,
  type Runner,
  type RunnerOptions,
  run,
  type WorkerEvents,
} from 'graphile-worker'
import type { ExecutionId } from '../../core/id.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Tracer } from '../../lib/tracer.ts'
import type { Database } from '../../store/database/database.ts'
import { createEnginePool } from '../../store/database/engine-pool.ts'
import { listOpenExecutionIds } from '../../store/execution/executions.ts'
import { scheduleWork } from '../../store/execution/scheduled-work.ts'
import type { WorkerLockSession } from '../../store/server/worker-locks.ts'
import { releaseStaleWaits } from '../../store/task/task-starts.ts'
import { keepPresence } from './presence.ts'
import { type ReconcileEffects, reconcile } from './reconcile.ts'
import { createTakeover } from './takeover.ts'

/** Reconciles executions on the work engine. */
export interface Dispatcher {
  /**
   * Wakes the dispatcher, here or on another replica, for these executions; may be lost without
   * harm.
   */
  poke(executionIds: readonly ExecutionId[]): void
  /** Takes no more work and finishes pending writes. */
  close(): Promise<void>
}

/**
 * Executions that one process reconciles at once: passes are short transactions, so a few are
 * enough.
 */
const concurrency = 4
/** Every open execution is reconciled at this interval even if every poke and timer was lost. */
const sweepEveryMs = 30_000
/** Deadlines are processed at most this late: the engine polls for due jobs at this interval. */
const timerResolutionMs = 1_000
const task = 'reconcile'

/**
 * Runs the work engine: one deduplicated job per execution (its key is the execution's id, so that
 * at most one waits), on any free replica. Woken by pokes, by the engine's timer for the next
 * deadline, and by the sweep. Another process takes over within seconds if one dies (takeover.ts).
 *
 * The engine's named queues could prevent two jobs of one execution from running at once. They are
 * not used: the execution's row lock does that, and a queue is released only some time after its
 * job is done, while a poke waits.
 */
export async function createDispatcher(options: {
  readonly database: Database
  readonly pool: NonNullable<RunnerOptions['pgPool']>
  readonly openSession: () => Promise<WorkerLockSession>
  readonly effects: Omit<ReconcileEffects, 'poke'>
  readonly clock: Clock
  readonly log: Logger
  /** Absent: no traces. */
  readonly tracer?: Tracer | undefined
}): Promise<Dispatcher> {
  const { database, pool, clock, log, tracer } = options
  const logger = new EngineLogger(() => (level, message) => {
    if (level === 'error') log.error(`work engine: ${message}`)
    else if (level === 'warning') log.warn(`work engine: ${message}`)
    else log.debug(`work engine: ${message}`)
  })
  const utils = await makeWorkerUtils({ pgPool: pool, logger })
  await utils.migrate()

  // Before anything is given up.
  const leavePresence = await keepPresence({ database, clock, log })

  // The executions that this process is reconciling; true: poked meanwhile, reconcile once more. It
  // saves a job per poke.
  const inHand = new Map<string, boolean>()
  const stop = new AbortController()
  const effects: ReconcileEffects = { ...options.effects, poke }

  async function work(executionId: ExecutionId): Promise<void> {
    let wakeInMs: number | undefined
    do {
      inHand.set(executionId, false)
      // This pass covers all pokes until now.
      if (adding.has(executionId)) adding.set(executionId, false)
      const pass = () => reconcile(database, executionId, effects, stop.signal)
      const traced = tracer?.span('reconcile', { 'chandler.execution_id': executionId }, pass)
      wakeInMs = (await (traced ?? pass())).wakeInMs
    } while (inHand.get(executionId) && !stop.signal.aborted)
    const pokedLate = inHand.get(executionId)
    inHand.delete(executionId)
    if (pokedLate) await add(executionId)
    else if (wakeInMs !== undefined) await scheduleWork(database, task, executionId, wakeInMs)
  }

  /** Moves a waiting job forward to now. */
  async function add(executionId: string): Promise<void> {
    await utils.addJob(task, { executionId }, { jobKey: executionId, jobKeyMode: 'replace' })
  }

  // The jobs that are being added; true: poked meanwhile. A job may be done before the response
  // that it was added.
  const adding = new Map<string, boolean>()
  function poke(executionIds: readonly ExecutionId[]): void {
    if (stop.signal.aborted) return
    for (const id of executionIds) {
      if (inHand.has(id)) inHand.set(id, true)
      else if (adding.has(id)) adding.set(id, true)
      else follow(addNow(id))
    }
  }

  /** Pending pokes. */
  const poking = new Set<Promise<void>>()
  function follow(poked: Promise<void>): void {
    const followed = poked.finally(() => poking.delete(followed))
    poking.add(followed)
  }

  async function addNow(executionId: ExecutionId): Promise<void> {
    adding.set(executionId, false)
    try {
      await add(executionId)
    } catch (error) {
      log.warn('an execution could not be poked; its timer will wake it', { executionId, error: String(error) })
    }
    const poked = adding.get(executionId)
    adding.delete(executionId)
    if (poked) poke([executionId])
  }

  const enginePool = createEnginePool(pool)
  let runner: Runner | undefined
  const leaving = new Set<Promise<void>>()
  function leave(old: Runner): void {
    const left = stopEngine(old).finally(() => leaving.delete(left))
    leaving.add(left)
  }

  /** Stopping an engine that has already stopped throws. */
  const stopEngine = (engine: Runner): Promise<void> =>
    engine.stop().catch((error) => log.debug('a work engine did not stop cleanly', { error: String(error) }))

  const takeover = createTakeover({
    openSession: options.openSession,
    unlock: utils.forceUnlockWorkers,
    replaceWorker: async () => {
      const old = runner
      runner = await startEngine()
      log.info('the work engine was restarted')
      // It finishes its jobs if it can; nothing depends on that.
      if (old) leave(old)
      // Pokes were lost together with the database, too.
      await pokeOpen()
    },
    clock,
    log,
  })

  async function startEngine(events: WorkerEvents = new EventEmitter()): Promise<Runner> {
    // The engine locks jobs with the id of the worker pool, not of the single worker.
    events.on('pool:create', ({ workerPool }) => takeover.register(workerPool.id))
    const started = await run({
      pgPool: enginePool.pool,
      concurrency,
      pollInterval: timerResolutionMs,
      noHandleSignals: true,
      // Without this it reads a file named crontab in the working directory.
      crontab: '',
      logger,
      events,
      taskList: {
        [task]: async (payload) => {
          const { executionId } = payload as { executionId: ExecutionId }
          try {
            await work(executionId)
          } catch (error) {
            inHand.delete(executionId)
            log.error('an execution could not be reconciled; it is retried', { executionId, error: String(error) })
            throw error
          }
        },
      },
    })
    const ended = (error?: unknown) => {
      if (stop.signal.aborted || runner !== started) return
      log.error('the work engine stopped by itself; it is restarted', { error: String(error) })
      takeover.releaseWorker()
    }
    started.promise.then(() => ended(), ended)
    return started
  }

  const events: WorkerEvents = new EventEmitter()
  const listening = once(events, 'pool:listen:success')
  try {
    runner = await startEngine(events)
    // Only the next poll would find an earlier poke.
    await Promise.race([
      listening,
      runner.promise.then(() => Promise.reject(new Error('the work engine stopped immediately'))),
    ])
  } catch (error) {
    await end()
    throw error
  }

  /** Resolves when nothing uses the pool any more. */
  async function end(): Promise<void> {
    stop.abort()
    await leavePresence()
    await takeover.close()
    if (runner) leave(runner)
    await Promise.all(leaving)
    await enginePool.close()
    await Promise.all(poking)
    await utils.release()
  }

  async function pokeOpen(): Promise<void> {
    poke(await listOpenExecutionIds(database))
  }

  async function sweep(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await releaseStaleWaits(database)
        await pokeOpen()
      } catch (error) {
        log.warn('open executions could not be listed; the next sweep retries', { error: String(error) })
      }
      await clock.wait(sweepEveryMs, stop.signal)
    }
  }
  const sweeping = sweep()

  return {
    poke,
    async close() {
      stop.abort()
      await sweeping
      await end()
    },
  }
}
