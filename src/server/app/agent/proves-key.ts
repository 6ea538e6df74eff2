import { createPublicKey, verify } from 'node:crypto'

/** The bytes before a raw ed25519 key in its SubjectPublicKeyInfo form (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Whether whoever signed the text holds the key; `rawKey` has 32 bytes. */
export function provesKey(rawKey: Buffer, text: string, signature: Buffer): boolean {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, rawKey]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(text), key, signature)
}
