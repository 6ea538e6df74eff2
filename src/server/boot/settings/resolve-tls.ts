import { isLoopbackHost } from '../../../core/tls/loopback.ts'
import type { AcmeSettings } from '../../tls/acme/acme-identity.ts'
import type { ListenAddress } from './setting-values.ts'

/**
 * How the server protects connections: plain HTTP, a certificate from its own CA, one that it obtains
 * by ACME, or the files of a company certificate.
 */
export type TlsConfig =
  | { readonly kind: 'plain' }
  | { readonly kind: 'own'; readonly names: readonly string[] }
  | { readonly kind: 'acme'; readonly acme: AcmeSettings; readonly hstsMs: number | undefined }
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
  readonly acme: AcmeSettings | undefined
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
  { isWanted, names, certFile, keyFile, acme, isInsecure, hsts }: TlsSettings,
  listen: ListenAddress,
): TlsConfig | { readonly problem: string } {
  if ((certFile === undefined) !== (keyFile === undefined))
    return {
      problem: `${certFile === undefined ? 'tlsCert (CHANDLER_TLS_CERT, --tls-cert)' : 'tlsKey (CHANDLER_TLS_KEY, --tls-key)'}: is not set, but its other half is. Set both or none.`,
    }
  if (isInsecure && (isWanted || certFile !== undefined || acme !== undefined))
    return {
      problem:
        'insecureHttp (CHANDLER_INSECURE_HTTP, --insecure-http): contradicts the TLS settings. Remove one of them.',
    }
  if (acme !== undefined && certFile !== undefined)
    return { problem: 'acme (CHANDLER_ACME, --acme): contradicts tlsCert and tlsKey. Remove one of them.' }
  const hstsMs = hsts === undefined ? defaultHstsMs : hsts.ms
  if (acme !== undefined) return { kind: 'acme', acme, hstsMs }
  if (certFile !== undefined && keyFile !== undefined) return { kind: 'files', certFile, keyFile, hstsMs }
  if (hsts?.ms !== undefined)
    return {
      problem:
        'hsts (CHANDLER_HSTS): requires a certificate that browsers trust (--tls-cert, --acme): with the CA of the server itself, browsers would refuse the console.',
    }
  if (isInsecure || (!isWanted && isLoopbackHost(listen.host))) return { kind: 'plain' }
  return { kind: 'own', names }
}
