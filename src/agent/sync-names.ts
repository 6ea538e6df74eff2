import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Puts on disk which names a directory holds, waiting for the disk. */
export function syncNames(directory: string): void {
  const file = openSync(directory, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
