import { createHash, createHmac } from 'node:crypto'
import { renderCanonicalQuery } from './percent-encode.ts'

export interface V3Request {
  readonly method: string
  /** Of the query, decoded. */
  readonly query: Iterable<readonly [string, string]>
  /** In lower case, sorted. */
  readonly signedHeaders: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 of the body in hex. */
  readonly payloadDigest: string
}

/** Reference 6.5. The path of RPC calls is always `/`. */
export const renderCanonicalRequestV3 = ({ method, query, signedHeaders, headers, payloadDigest }: V3Request): string =>
  [
    method,
    '/',
    renderCanonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    payloadDigest,
  ].join('\n')

/** Returns hex. */
export const signV3 = (canonicalRequest: string, secret: Uint8Array): string =>
  createHmac('sha256', secret)
    .update(`ACS3-HMAC-SHA256\n${createHash('sha256').update(canonicalRequest).digest('hex')}`)
    .digest('hex')
