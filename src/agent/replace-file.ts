import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Replaces a small private file so that after a crash or a power cut it holds the old or the new content, whole; on disk when it returns.
 *
 * Waits for the disk instead of letting others work meanwhile: measured on an idle machine with an SSD, 0.45 ms against 2 ms for the seven
 * steps by way of the thread pool, and the journal is written four times on the way from an offer to its end. Nothing else in the agent is in
 * a hurry of milliseconds. One writer at a time for each path.
 */
export function replaceFile(path: string, content: string): void {
  const draft = `${path}.tmp`
  try {
    const file = openSync(draft, 'w', 0o600)
    try {
      const bytes = Buffer.from(content)
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  syncNames(dirname(path))
}

/** Puts on disk which names a directory holds. */
export function syncNames(directory: string): void {
  const file = openSync(directory, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
