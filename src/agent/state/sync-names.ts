import { closeSync, fsync, openSync } from 'node:fs'
import { promisify } from 'node:util'

const flush = promisify(fsync)

/** Syncs the directory entries. */
export async function syncNames(directory: string): Promise<void> {
  const file = openSync(directory, 'r')
  try {
    await flush(file)
  } finally {
    closeSync(file)
  }
}
