import { setGlobalProxyFromEnv } from 'node:http'
import { setDefaultCACertificates } from 'node:tls'
import { describeTlsError } from '../core/tls/describe-tls-error.ts'
import { isExposed } from '../core/tls/loopback.ts'
import { readCaFile } from '../lib/tls/ca-certificate.ts'
import { trustSystemCas } from '../lib/tls/trust-system-cas.ts'
import type { Sink } from './output/sink.ts'
import type { SavedTrust } from './profiles.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

const neverProxied = ['localhost', '127.0.0.1', '[::1]', '::1']

/** Loopback is never proxied: a proxy reaches another machine under that name. */
export function proxiesFor(proxies: Readonly<Record<string, string>>): Record<string, string> | undefined {
  if (Object.keys(proxies).length === 0) return undefined
  const exceptions = [proxies['NO_PROXY'] ?? proxies['no_proxy'] ?? '', ...neverProxied].filter(Boolean).join(',')
  return { ...proxies, NO_PROXY: exceptions, no_proxy: exceptions }
}

/**
 * Makes this process use the proxies of the environment, and verify servers as `trust` says. A CLI
 * process talks to one server, so its defaults are set.
 * @returns the description of a failed connection, for the client
 * @throws UsageError for plain HTTP beyond loopback that is not accepted; OperatorError for an
 * unreadable file
 */
export function applyTrust(
  { settings, err }: { readonly settings: Settings; readonly err: Sink },
  server: string,
  trust: SavedTrust,
): (error: { readonly code?: string; readonly message: string }) => string {
  const url = new URL(server)
  if (isExposed(url)) {
    if (!trust.insecureHttp && !settings.insecureHttp)
      throw new UsageError(
        `${server} is plain HTTP: others on the network could read the access key`,
        'Use https://, or accept the risk with `chandler login --insecure-http` (or CHANDLER_INSECURE_HTTP=true).',
      )
    err.line(`warning: ${server} is plain HTTP: others on the network can read the access key`)
  }
  const proxies = proxiesFor(settings.proxies)
  if (proxies !== undefined) setGlobalProxyFromEnv(proxies)
  const caFile = trust.caFile ?? settings.caFile
  if (url.protocol === 'https:') {
    if (trust.ca !== undefined) setDefaultCACertificates([trust.ca])
    else if (caFile !== undefined) setDefaultCACertificates(readCaFile(caFile))
    else trustSystemCas()
  }
  const kind = trust.ca !== undefined ? 'pinned' : caFile === undefined ? 'system' : 'file'
  const howToPin = 'compare its digest with the one that the server prints, and run `chandler login --ca-sha256` again'
  return ({ code, message }) =>
    describeTlsError({ code, message, url, clock: new Date().toISOString(), trust: kind, howToPin })
}
