import { resolve } from 'node:path'
import { parseCaDigest } from '../core/tls/ca-digest.ts'
import { ArgumentError } from './argument-error.ts'
import type { TrustOptions } from './connection/server-trust.ts'

/** The options that say how to verify the server. Throws ArgumentError. */
export function parseTrust(values: {
  readonly 'ca-sha256'?: string | undefined
  readonly ca?: string | undefined
  readonly 'insecure-http'?: boolean | undefined
}): TrustOptions {
  const { 'ca-sha256': digest, ca, 'insecure-http': insecureHttp } = values
  if (digest !== undefined && ca !== undefined) throw new ArgumentError('use either --ca-sha256 or --ca')
  const caSha256 = digest === undefined ? undefined : parseCaDigest(digest)
  if (digest !== undefined && caSha256 === undefined)
    throw new ArgumentError('--ca-sha256 must be a SHA-256: 64 hexadecimal digits')
  return { caSha256, caFile: ca === undefined ? undefined : resolve(ca), insecureHttp }
}
