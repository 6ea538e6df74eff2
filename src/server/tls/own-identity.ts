import { X509Certificate } from 'node:crypto'
import type { AccountId } from '../../core/id.ts'
import { authorityWarningMs, findRenewalReason, type IssuedCertificate } from '../../core/tls/certificate-plan.ts'
import type { Logger } from '../../lib/logger.ts'
import { keepChecking } from './keep-checking.ts'
import {
  type AuthorityContext,
  type OwnAuthorities,
  openOwnAuthorities,
  reloadOwnAuthorities,
} from './own-authorities.ts'
import type { ServerIdentity, TlsCredentials } from './server-identity.ts'

/** A rotation of the CA reaches every running server within this time. */
const checkEveryMs = 60_000

/**
 * A certificate from the CA of the servers. Each process issues its own and keeps it in memory; it
 * issues another one before the old one expires, after a rotation of the CA, and for added names.
 * @param listNames host names and addresses of this server, sorted
 */
export async function openOwnIdentity(
  context: AuthorityContext & { readonly log: Logger },
  accountId: AccountId,
  listNames: () => readonly string[],
): Promise<ServerIdentity> {
  const { clock, log } = context
  const { issueServerCertificate } = await import('./sign-certificate.ts')
  const listeners: ((credentials: TlsCredentials) => void)[] = []
  let authorities = await openOwnAuthorities(context, accountId)
  let issued: (IssuedCertificate & { readonly credentials: TlsCredentials }) | undefined

  async function issue(from: OwnAuthorities): Promise<TlsCredentials> {
    const names = listNames()
    const now = clock.now()
    const reason = findRenewalReason(issued, { authority: from.digest, names }, now)
    if (issued !== undefined && reason === undefined) return issued.credentials
    const { certificate, privateKey, expiresAt } = await issueServerCertificate(from.newest, names, now)
    const credentials = { key: privateKey, cert: [certificate, ...from.crossCertificates].join('\n') }
    log.info('issued a server certificate', { reason, names, expiresAt: new Date(expiresAt).toISOString() })
    if (Date.parse(new X509Certificate(from.newest.certificate).validTo) - now < authorityWarningMs)
      log.warn('the CA of this server expires within a year: run "chandler server rotate-ca"')
    issued = { authority: from.digest, names, expiresAt, credentials }
    return credentials
  }

  let current = await issue(authorities)
  const stop = keepChecking(clock, checkEveryMs, async () => {
    try {
      authorities = await reloadOwnAuthorities(context, accountId)
      const next = await issue(authorities)
      if (next === current) return
      current = next
      for (const listener of listeners) listener(next)
    } catch (error) {
      log.warn('the server certificate was not checked; the next round retries', { error })
    }
  })
  return {
    get current() {
      return current
    },
    get authorities() {
      return authorities
    },
    onChange: (listener) => void listeners.push(listener),
    close: stop,
  }
}
