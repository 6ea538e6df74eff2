import { statfs } from 'node:fs/promises'
import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'

const retry = { baseMs: 5_000, maxMs: 120_000, jitter: 0.2 }

interface Waiting {
  readonly stateDirectory: string
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Starts something that needs the disk. If the disk is full it logs this, waits, and retries: a
 * service manager that restarts the agent again and again would only fill the system log. Undefined
 * if the agent was stopped in the meantime.
 */
export async function waitForSpace<Result>(
  { stateDirectory, clock, log, signal }: Waiting,
  start: () => Promise<Result>,
): Promise<Result | undefined> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      const waitMs = backoffDelayMs(retry, attempt, Math.random)
      const { path, message } = error as NodeJS.ErrnoException
      log.error(
        `the disk of ${stateDirectory} is full: the agent cannot start; make room there. It tries again in ${Math.ceil(waitMs / 1_000)} s`,
        { freeBytes: await freeBytesOf(stateDirectory), path, error: message },
      )
      await clock.wait(waitMs, signal).catch(() => undefined)
    }
  }
  return undefined
}

async function freeBytesOf(path: string): Promise<number | undefined> {
  const found = await statfs(path).catch(() => undefined)
  return found && found.bavail * found.bsize
}
