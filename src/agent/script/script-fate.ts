import type { Engine } from '../invocation/engine.ts'
import type { JournalledStep } from '../state/journal.ts'

/**
 * Determines the state of a script that an earlier agent process was about to start. The claim
 * decides, unless it may be lost: in a power failure, or with a file system that came back without
 * its last seconds. A script that may have started never starts again.
 */
export function findScriptFate(
  { platform, mount }: Engine,
  journalled: JournalledStep,
  directory: string,
): 'begun' | 'never' | 'unknown' {
  const { state } = platform.inspectSupervised(directory)
  if (state === 'ended') return 'begun'
  if (journalled.bootId !== platform.bootId) return 'unknown'
  if (state === 'prevented') return 'never'
  if (state !== 'unclaimed' || platform.restoreClaim(directory)) return 'begun'
  const mayHaveRun = (journalled.mount ?? mount) !== mount || platform.wasStarted(directory)
  // A process that the earlier agent has just forked may become a supervisor only now: in either
  // case it must find the claim taken, because the outcome is reported as final.
  if (!platform.preventSupervised(directory, mayHaveRun)) return 'begun'
  return mayHaveRun ? 'unknown' : 'never'
}

/**
 * Waits until the claim of a started script is on disk. False if it ended without one. Never
 * rejects: the script runs anyway.
 */
export async function keepClaim(
  { platform, log }: Engine,
  invocationId: string,
  directory: string,
  isOver: () => boolean,
): Promise<boolean> {
  try {
    return await platform.keepClaim(directory, isOver)
  } catch (error) {
    log.error('cannot write the claim of a script to disk', { invocationId, error: String(error) })
    return true
  }
}
