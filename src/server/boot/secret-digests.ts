import { createHmac } from 'node:crypto'
import { keyedDigestPrefix } from '../../core/extension/keyed-digest.ts'
import { sha256Of } from '../../lib/digest.ts'
import type { SecretDigests } from '../app/context.ts'

/**
 * HMAC-SHA-256 over the SHA-256 of the text, with a separate key: a copy of the database does not
 * help to guess secret values. The HMAC covers the SHA-256 instead of the text, so that plain
 * digests of earlier releases can be converted without the original values. It is truncated to 224
 * bits to make room for the mark of a keyed digest.
 * @param key 32 bytes; see `deriveDigestKey`
 */
export function createSecretDigests(key: Buffer): SecretDigests {
  const rekey = (digest: string) => {
    if (digest.startsWith(keyedDigestPrefix)) return digest
    const mac = createHmac('sha256', key).update(digest).digest('hex')
    return `${keyedDigestPrefix}${mac.slice(0, 64 - keyedDigestPrefix.length)}`
  }
  return { of: (text) => rekey(sha256Of(text)), rekey }
}
