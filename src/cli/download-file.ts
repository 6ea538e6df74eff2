import { createHash, randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { digestMismatch } from '../client/artifacts.ts'
import type { ObjectBytes } from '../client/buckets.ts'

/**
 * Streams the bytes into `path`, replacing an existing file: either complete and with the server's
 * digest, or not at all.
 * @returns the number of bytes @throws UnreachableError; ClientError ArtifactDigestMismatch; errors
 * of the file system
 */
export async function downloadFile(path: string, { sha256, bytes }: ObjectBytes): Promise<number> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.part`
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    const file = await open(draft, 'wx')
    try {
      for await (const chunk of bytes) {
        hash.update(chunk)
        sizeBytes += chunk.byteLength
        await file.writeFile(chunk)
      }
    } finally {
      await file.close()
    }
    const actual = hash.digest('hex')
    if (actual !== sha256) throw digestMismatch(actual, sha256)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  return sizeBytes
}
