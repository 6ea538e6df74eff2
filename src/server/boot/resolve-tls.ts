import { isLoopbackHost } from '../../core/tls/loopback.ts'
import type { ListenAddress } from './setting-values.ts'

/**
 * How the server protects connections: plain HTTP, a certificate from its own CA, or the files of a
 * company certificate.
 */
export type TlsConfig =
  | { readonly kind: 'plain' }
  | { readonly kind: 'own'; readonly names: readonly string[] }
  /** `hstsMs` undefined: no HSTS. */
  | {
      readonly kind: 'files'
      readonly certFile: string
      readonly keyFile: string
      readonly hstsMs: number | undefined
    }

export interface TlsSettings {
  readonly isWanted: boolean
  readonly names: readonly string[]
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  /** Plain HTTP beyond loopback is accepted. */
  readonly isInsecure: boolean
  /** `ms` undefined: off. The setting is absent: the default. */
  readonly hsts: { readonly ms: number | undefined } | undefined
}

/**
 * Short: browsers refuse every certificate they do not trust, and plain HTTP on all ports of the
 * host, until it ends.
 */
const defaultHstsMs = 86_400_000

/** TLS is the default beyond loopback: there, plain HTTP takes an explicit setting. */
export function resolveTls(
  { isWanted, names, certFile, keyFile, isInsecure, hsts }: TlsSettings,
  listen: ListenAddress,
): TlsConfig | { readonly problem: string } {
  if ((certFile === undefined) !== (keyFile === undefined))
    return {
      problem: `${certFile === undefined ? 'tlsCert (CHANDLER_TLS_CERT, --tls-cert)' : 'tlsKey (CHANDLER_TLS_KEY, --tls-key)'}: is not set, but its other half is. Set both or none.`,
    }
  if (isInsecure && (isWanted || certFile !== undefined))
    return {
      problem:
        'insecureHttp (CHANDLER_INSECURE_HTTP, --insecure-http): contradicts the TLS settings. Remove one of them.',
    }
  if (certFile !== undefined && keyFile !== undefined)
    return { kind: 'files', certFile, keyFile, hstsMs: hsts === undefined ? defaultHstsMs : hsts.ms }
  if (hsts?.ms !== undefined)
    return {
      problem:
        'hsts (CHANDLER_HSTS): requires a certificate that browsers trust (--tls-cert): with the CA of the server itself, browsers would refuse the console.',
    }
  if (isInsecure || (!isWanted && isLoopbackHost(listen.host))) return { kind: 'plain' }
  return { kind: 'own', names }
}
