import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { ObjectStore } from '../../objects/object-store.ts'
import type { VerifyArtifactAddress } from '../app/artifact/open-artifact.ts'

/** Signs and verifies artifact URLs. */
export interface ArtifactUrlSigner {
  /**
   * `/artifacts/<sha256>/<fileName>?expires=…&signature=…`, relative to the server; valid for
   * `ttlMs`.
   */
  sign(sha256: string, fileName: string): string
  readonly verify: VerifyArtifactAddress
}

/** Prefix of the signed text: a signature made for another purpose never matches. */
const purpose = 'chandler artifact url'

/**
 * Signs URLs that let their holder read one artifact for a limited time, like presigned URLs of S3
 * and OSS.
 * @param key from `deriveKey(masterKey, 'artifact-url')`: the same on every server of one database
 */
export function createArtifactUrlSigner(key: Uint8Array, clock: Pick<Clock, 'now'>, ttlMs: number): ArtifactUrlSigner {
  // The name comes last because it is the only part that may contain any character.
  const signatureOf = (sha256: string, expires: string, fileName: string) =>
    createHmac('sha256', key).update(`${purpose}\n${sha256}\n${expires}\n${fileName}`).digest()

  return {
    sign(sha256, fileName) {
      const expires = String(Math.ceil((clock.now() + ttlMs) / 1000))
      const signature = signatureOf(sha256, expires, fileName).toString('base64url')
      return `/artifacts/${sha256}/${encodeURIComponent(fileName)}?expires=${expires}&signature=${signature}`
    },
    verify({ sha256, fileName, expires, signature }) {
      const expected = signatureOf(sha256, expires, fileName)
      const given = Buffer.from(signature, 'base64url')
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged'
      return clock.now() < Number(expires) * 1000 ? 'valid' : 'expired'
    },
  }
}

/**
 * The URL that an agent downloads an artifact from: the object store's own if it can sign URLs,
 * else this server's.
 */
export const createArtifactUrl =
  (objects: Pick<ObjectStore, 'presign'>, signer: Pick<ArtifactUrlSigner, 'sign'>, ttlMs: number) =>
  async (sha256: string, fileName: string): Promise<string> =>
    (await objects.presign(sha256, fileName, ttlMs)) ?? signer.sign(sha256, fileName)
