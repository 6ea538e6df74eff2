import {
  deleteArtifactRemoval,
  deleteUnusedArtifact,
  isArtifactGone,
  listArtifactRemovals,
  listUnusedArtifacts,
  whileArtifactLocked,
} from '../../../store/artifact/artifacts.ts'
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
  const collectAll = async (list: (after: string) => Promise<string[]>, isCandidate: boolean) => {
    for (let after = ''; !signal?.aborted; ) {
      const found = await list(after)
      for (const sha256 of found) {
        if (signal?.aborted) return
        const size = await collectArtifact({ database, objects }, sha256, isCandidate ? before : undefined)
        if (size === undefined) continue
        removed++
        removedBytes += size
        log.info('artifact removed: no version references it', { sha256, sizeBytes: size })
      }
      const last = found.at(-1)
      if (last === undefined) return
      after = last
    }
  }
  // Of a collection that was interrupted.
  await collectAll((after) => listArtifactRemovals(database, after), false)
  await collectAll((after) => listUnusedArtifacts(database, before, after), true)
  return { removed, removedBytes, swept }
}

/**
 * Deletes the rows, then removes the bytes outside of the transaction, because the object store may be slow. A crash in
 * between leaves a row in `artifact_removals`, which the next round continues with. An upload of the same bytes waits
 * for the lock and stores them again.
 * @param before absent: the rows are deleted already
 * @returns the size of the removed artifact; undefined if it is in use again
 */
const collectArtifact = (
  { database, objects }: Pick<AppContext, 'database' | 'objects'>,
  sha256: string,
  before: Date | undefined,
) =>
  whileArtifactLocked(database, sha256, async (connection) => {
    const isUnused =
      before === undefined
        ? await isArtifactGone(connection, sha256)
        : await connection.transaction().execute((transaction) => deleteUnusedArtifact(transaction, sha256, before))
    if (!isUnused) {
      if (before === undefined) await deleteArtifactRemoval(connection, sha256)
      return undefined
    }
    const found = await objects.find(sha256)
    await objects.remove(sha256)
    await deleteArtifactRemoval(connection, sha256)
    return found?.sizeBytes ?? 0
  })
