import { createHmac } from 'node:crypto'
import { percentEncode, renderEncodedQuery } from './percent-encode.ts'

export const v1Hashes = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const

/**
 * Reference 6.4. `parameters` are the decoded ones of query and form together, without `Signature`
 * itself.
 */
export const renderStringToSignV1 = (method: string, parameters: Iterable<readonly [string, string]>): string =>
  `${method}&${percentEncode('/')}&${renderEncodedQuery(parameters)}`

/** Returns base64. The text is percent-encoded ASCII: hashing it as latin1 costs half. */
export function signV1(
  stringToSign: string,
  secret: Uint8Array,
  hash: (typeof v1Hashes)[keyof typeof v1Hashes],
): string {
  const key = Buffer.concat([secret, Buffer.from('&')])
  const signature = createHmac(hash, key).update(stringToSign, 'latin1').digest('base64')
  key.fill(0)
  return signature
}
