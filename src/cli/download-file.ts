import { createHash, randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { digestMismatch } from '../client/artifacts.ts'
import type { ObjectBytes } from '../client/buckets.ts'

/**
 * Writes the bytes to `path` as they come, in the place of what is there: whole and as the server has them, or not at all.
 * @returns their number @throws UnreachableError; ClientError ArtifactDigestMismatch; what the file system says
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
