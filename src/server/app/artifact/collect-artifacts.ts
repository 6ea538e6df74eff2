import { deleteUnusedArtifact, listUnusedArtifacts, lockArtifact } from '../../../store/artifact/artifacts.ts'
import type { AppContext } from '../context.ts'

/** Long enough to upload all packages of a large version and create it the next morning. */
const defaultArtifactAgeMs = 24 * 60 * 60_000

/** The result of one garbage collection. */
export interface CollectedArtifacts {
  readonly removed: number
  readonly removedBytes: number
  /** Interrupted uploads that were removed. */
  readonly swept: number
}

/**
 * Removes artifacts that no version of any account references and that were not uploaded or
 * requested recently. Safe beside uploads of the same bytes, creations of versions, and collectors
 * of other servers. Bytes without a row in the database are kept: they may belong to another
 * database (an unfinished restore, say). `signal` stops it between two artifacts.
 */
export async function collectArtifacts(
  { database, objects, clock, log }: Pick<AppContext, 'database' | 'objects' | 'clock' | 'log'>,
  { olderThanMs = defaultArtifactAgeMs, signal }: { olderThanMs?: number; signal?: AbortSignal } = {},
): Promise<CollectedArtifacts> {
  const before = new Date(clock.now() - olderThanMs)
  const swept = await objects.sweep()
  let removed = 0
  let removedBytes = 0
  for (let after = ''; !signal?.aborted; ) {
    const candidates = await listUnusedArtifacts(database, before, after)
    for (const sha256 of candidates) {
      if (signal?.aborted) break
      const size = await collectArtifact({ database, objects }, sha256, before)
      if (size === undefined) continue
      removed++
      removedBytes += size
      log.info('artifact removed: no version references it', { sha256, sizeBytes: size })
    }
    const last = candidates.at(-1)
    if (last === undefined) break
    after = last
  }
  return { removed, removedBytes, swept }
}

/**
 * Removes the bytes before the commit: a crash in between leaves a row without bytes, which the
 * next round removes and an upload repairs. An upload of the same bytes waits for the lock and
 * stores them again.
 * @returns the size of the removed artifact; undefined if it is in use again
 */
const collectArtifact = (
  { database, objects }: Pick<AppContext, 'database' | 'objects'>,
  sha256: string,
  before: Date,
) =>
  database.transaction().execute(async (transaction) => {
    await lockArtifact(transaction, sha256)
    if (!(await deleteUnusedArtifact(transaction, sha256, before))) return undefined
    const found = await objects.find(sha256)
    await objects.remove(sha256)
    return found?.sizeBytes ?? 0
  })
