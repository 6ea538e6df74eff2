import { hostname, networkInterfaces } from 'node:os'
import { listCertificateNames } from '../../core/tls/certificate-plan.ts'
import { isExposed, isLoopbackHost } from '../../core/tls/loopback.ts'
import type { Logger } from '../../lib/logger.ts'
import { defaultAccountId } from '../app/access/bootstrap.ts'
import type { AppContext } from '../app/context.ts'
import { openFileIdentity } from '../tls/file-identity.ts'
import { openOwnIdentity } from '../tls/own-identity.ts'
import type { ServerIdentity } from '../tls/server-identity.ts'
import type { ServerConfig } from './settings/config.ts'

/** Undefined: plain HTTP. */
export async function openIdentity(
  { tls, publicUrl, listen }: ServerConfig,
  context: AppContext,
): Promise<ServerIdentity | undefined> {
  const publicHost = publicUrl?.startsWith('https:') ? new URL(publicUrl).hostname : undefined
  if (tls.kind === 'plain') return undefined
  if (tls.kind === 'acme') {
    const { openAcmeIdentity } = await import('../tls/acme/acme-identity.ts')
    return openAcmeIdentity(tls.acme, publicUrl, context, defaultAccountId)
  }
  if (tls.kind === 'files') return openFileIdentity(tls, publicUrl, context)
  const listNames = () =>
    listCertificateNames({
      configured: tls.names,
      publicHost,
      listenHost: listen.host,
      hostName: hostname(),
      addresses: Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []),
    })
  return openOwnIdentity(context, defaultAccountId, listNames)
}

/** Logs a warning for plain HTTP beyond loopback. */
export function warnOfPlainHttp({ tls, listen, publicUrl }: ServerConfig, log: Logger): void {
  if (tls.kind === 'plain' && !isLoopbackHost(listen.host))
    log.warn(
      'this server speaks plain HTTP beyond loopback (--insecure-http): anyone on the network can read passwords and change scripts',
      { listen: `${listen.host}:${listen.port}` },
    )
  if (publicUrl !== undefined && isExposed(new URL(publicUrl)))
    log.warn('CHANDLER_PUBLIC_URL is plain HTTP: agents and the CLI connect to it only with --insecure-http', {
      publicUrl,
    })
}
