import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Clock } from '../../lib/clock.ts'
import type { Logger, LogLevel } from '../../lib/logger.ts'
import { explainFailure } from './failure.ts'
import type { Launcher } from './launch.ts'

/** One run of the PostgreSQL server process. */
export interface Postmaster {
  pid: number
  /**
   * Resolves when it reports that it accepts connections. Rejects with an OperatorError if it exits
   * before.
   */
  ready: Promise<void>
  /** Resolves when it has exited for any reason. Never rejects. */
  exited: Promise<PostmasterExit>
  /** Fast shutdown: ends connections and writes everything; escalates if that takes too long. */
  stop(): Promise<void>
}

/** How a postmaster exited. */
export interface PostmasterExit {
  code: number | null
  signal: NodeJS.Signals | null
  /** The last lines of its output. */
  lastLines: readonly string[]
}

export interface PostmasterOptions {
  launcher: Launcher
  binaries: string
  cluster: string
  settings: Readonly<Record<string, string>>
  clock: Clock
  log: Logger
}

/** Together below the 10 s in which a server must stop. */
const fastShutdownMs = 7_000
const immediateShutdownMs = 1_000
const lastOutputMs = 200

/** Starts PostgreSQL on a cluster. */
export async function startPostmaster({
  launcher,
  binaries,
  cluster,
  settings,
  clock,
  log,
}: PostmasterOptions): Promise<Postmaster> {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = await launcher.start(join(binaries, 'bin/postgres'), ['-D', cluster, ...options])
  child.stdin.end()
  child.stdout.resume()
  const lastLines: string[] = []
  const ready = Promise.withResolvers<void>()
  // Prevents an unhandled rejection if no caller waits for `ready`.
  ready.promise.catch(() => {})
  createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    lastLines.push(line)
    if (lastLines.length > 20) lastLines.shift()
    passOn(line, log)
    if (line.includes('database system is ready to accept connections')) ready.resolve()
  })
  const ended = new Promise<Pick<PostmasterExit, 'code' | 'signal'>>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const silent = new Promise<void>((resolve) => child.stderr.once('close', resolve))
  const exited = ended.then(async ({ code, signal }): Promise<PostmasterExit> => {
    // The last output may still be in the pipe, which a busy backend can hold open for a long time.
    const timeout = new AbortController()
    await Promise.race([silent, clock.wait(lastOutputMs, timeout.signal)])
    timeout.abort()
    ready.reject(explainFailure(`PostgreSQL ended at its start with ${signal ?? `code ${code}`}`, cluster, lastLines))
    return { code, signal, lastLines }
  })
  // Sending a signal failed: stop() notices that the process does not end.
  child.on('error', (error) => log.warn('PostgreSQL could not be signalled', { error }))
  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    exited,
    async stop() {
      for (const [signal, waitMs] of [
        ['SIGINT', fastShutdownMs],
        ['SIGQUIT', immediateShutdownMs],
        ['SIGKILL', undefined],
      ] as const) {
        child.kill(signal)
        const timeout = new AbortController()
        const tooLong =
          waitMs === undefined
            ? new Promise<never>(() => {})
            : clock.wait(waitMs, timeout.signal).then(() => 'too long' as const)
        const outcome = await Promise.race([exited, tooLong])
        timeout.abort()
        if (outcome !== 'too long') return
        log.warn('PostgreSQL takes too long to stop; escalating', { after: signal })
      }
    },
  }
}

/**
 * Maps PostgreSQL's log levels to ours. LOG lines are routine; the caller of a statement reports
 * its ERROR.
 */
const levels: Readonly<Record<string, LogLevel>> = { WARNING: 'warn', ERROR: 'debug', FATAL: 'debug', PANIC: 'error' }

function passOn(line: string, log: Logger): void {
  const [, severity, message] = /^([A-Z]+\d?):\s+(.*)$/.exec(line) ?? []
  if (severity === undefined || message === undefined) log.debug('PostgreSQL output', { line })
  else log[levels[severity] ?? 'debug'](`PostgreSQL: ${message}`, { severity })
}
