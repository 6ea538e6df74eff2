import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { lstat, mkdir, readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Platform } from '../platform/platform.ts'

/**
 * Output files of ended invocations, STATE/held/<id>/<n>/. A daemon that a script started may still
 * print into them: deleting them while they are open would fill the disk invisibly. So the agent
 * truncates them (the daemon appends, and continues at the start) until no process has them open.
 */
export interface HeldOutput {
  readonly directory: string
  /**
   * Processes the files moved there: removes secrets immediately, the rest when no process holds
   * it.
   */
  settle(invocationId: string): Promise<void>
  /** Removes files that no process holds, truncates the rest. */
  sweep(): Promise<void>
  close(): Promise<void>
}

/**
 * Scanning every open file of the machine is expensive: rarely, and more rarely while the same
 * daemons hold the same files.
 */
const firstSweepMs = 60_000
const longestSweepMs = 600_000
/** Files larger than this are truncated when a scan finds them. */
const maxHeldBytes = 1024 * 1024

const outputNames = new Set(['stdout', 'stderr'])

export async function openHeldOutput(
  directory: string,
  platform: Platform,
  clock: Clock,
  log: Logger,
): Promise<HeldOutput> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let timer: { cancel(): void } | undefined
  let pauseMs = firstSweepMs
  let closed = false
  let working: Promise<void> = Promise.resolve()

  const arm = () => {
    if (timer || closed) return
    timer = clock.setTimeout(
      () => {
        timer = undefined
        sweep().catch((error: unknown) =>
          log.warn('cannot check the output files of ended invocations', { error: String(error) }),
        )
      },
      pauseMs,
      { unref: true },
    )
  }

  /** Removes everything except output files: journal, parameters, claims. */
  async function strip(grave: string): Promise<string[]> {
    const outputs: string[] = []
    for (const entry of readdirSync(grave, { withFileTypes: true })) {
      const path = join(grave, entry.name)
      if (!entry.isDirectory()) rmSync(path, { force: true })
      else
        for (const inner of readdirSync(path, { withFileTypes: true })) {
          const innerPath = join(path, inner.name)
          if (outputNames.has(inner.name)) outputs.push(innerPath)
          else if (inner.isDirectory()) await rm(innerPath, { recursive: true, force: true })
          else rmSync(innerPath, { force: true })
        }
    }
    return outputs
  }

  async function sweepOnce(): Promise<void> {
    const graves = new Map<string, string[]>()
    for (const name of await readdir(directory)) graves.set(join(directory, name), await strip(join(directory, name)))
    const open = graves.size > 0 ? await platform.findOpenFiles([...graves.values()].flat()) : new Set()
    let held = 0
    for (const [grave, outputs] of graves) {
      const kept = outputs.filter((path) => open.has(path))
      held += kept.length
      if (kept.length === 0) await rm(grave, { recursive: true, force: true })
      for (const path of kept) if ((await lstat(path)).size > maxHeldBytes) await truncate(path, 0)
    }
    pauseMs = held > 0 ? Math.min(longestSweepMs, pauseMs * 2) : firstSweepMs
    if (held > 0) arm()
  }

  function sweep(): Promise<void> {
    const next = working.then(sweepOnce)
    working = next.catch(() => undefined)
    return next
  }

  if ((await readdir(directory)).length > 0) arm()
  return {
    directory,
    async settle(invocationId) {
      const outputs = await strip(join(directory, invocationId))
      if (outputs.length === 0) {
        await rm(join(directory, invocationId), { recursive: true, force: true })
        return
      }
      for (const path of outputs) if (lstatSync(path).size > 0) await truncate(path, 0)
      pauseMs = firstSweepMs
      arm()
    },
    sweep,
    async close() {
      closed = true
      timer?.cancel()
      await working
    },
  }
}
