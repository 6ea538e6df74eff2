import { createPublicKey, verify } from 'node:crypto'

/** The prefix of a raw ed25519 key in SubjectPublicKeyInfo form (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Whether the key made the signature of the text; `rawKey` has 32 bytes. */
export function provesKey(rawKey: Buffer, text: string, signature: Buffer): boolean {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, rawKey]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(text), key, signature)
}
