import { X509Certificate } from 'node:crypto'
import type { AccountId } from '../../../core/id.ts'
import { findOrderRetryMs, isOrderDue, type Validity } from '../../../core/tls/acme-plan.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import {
  type AcmeCertificateRow,
  claimAcmeOrder,
  deleteAcmeChallenge,
  getAcmeCertificate,
  getAcmeChallenge,
  getOrInsertAcmeCertificate,
  insertAcmeChallenge,
  updateAcmeCertificate,
  updateAcmeFailure,
} from '../../../store/server/acme-certificates.ts'
import type { AppContext } from '../../app/context.ts'
import type { ServerIdentity, TlsCredentials } from '../server-identity.ts'
import { createAuthority, issueServerCertificate } from '../sign-certificate.ts'
import { createAccountKey, orderCertificate } from './order-certificate.ts'
import { serveChallenges } from './serve-challenges.ts'

/** How to obtain certificates. */
export interface AcmeSettings {
  /** Host names, at least one. */
  readonly names: readonly string[]
  readonly directoryUrl: string
  readonly caFile: string | undefined
  readonly email: string | undefined
  /** Where port 80 of the host names leads to. */
  readonly listen: { readonly host: string; readonly port: number }
}

export type AcmeContext = Pick<AppContext, 'database' | 'secrets' | 'clock' | 'log' | 'measurements'>

/** A certificate that another server obtained is used within this time. */
const checkEveryMs = 60_000
/** A server that ends during an order keeps the others from ordering for this time. */
const claimMs = 10 * 60_000

/**
 * A certificate from a CA by ACME (RFC 8555, http-01). All servers of a database share certificate,
 * account and challenges: one of them orders, and any answers the CA. Until the first order
 * succeeds, the server presents a certificate that nobody trusts. A failed renewal keeps the
 * certificate, and is logged and counted.
 */
export async function openAcmeIdentity(
  settings: AcmeSettings,
  publicUrl: string | undefined,
  context: AcmeContext,
  accountId: AccountId,
): Promise<ServerIdentity> {
  const { database, secrets, clock, log, measurements } = context
  const names = [...settings.names].sort()
  const name = names.join(',')
  const accountContext = `acme-account/${name}`
  const certificateContext = `acme-certificate/${name}`
  const listeners: ((credentials: TlsCredentials) => void)[] = []
  const stop = new AbortController()

  const read = (row: AcmeCertificateRow | undefined): TlsCredentials | undefined =>
    row?.certificate === undefined || row.privateKeySealed === undefined
      ? undefined
      : { cert: row.certificate, key: secrets.open(row.privateKeySealed, certificateContext).toString('utf8') }

  const newAccountKey = secrets.seal(await createAccountKey(), accountContext)
  const first = await database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    return getOrInsertAcmeCertificate(transaction, accountId, name, newAccountKey)
  })
  const accountKey = secrets.open(first.accountKeySealed, accountContext).toString('utf8')
  let obtained = read(first)
  let current = obtained ?? (await makeTemporary(names, clock.now()))
  const challenges = await serveChallenges({
    listen: settings.listen,
    redirectTo: publicUrl ?? `https://${names[0]}`,
    find: (token) => getAcmeChallenge(database, accountId, token),
    log,
  })

  function use(credentials: TlsCredentials): void {
    obtained = credentials
    current = credentials
    for (const listener of listeners) listener(credentials)
  }

  async function order(): Promise<void> {
    log.info('ordering a certificate', { names, directory: settings.directoryUrl })
    try {
      const credentials = await orderCertificate({ ...settings, accountKey }, names, {
        add: (token, keyAuthorization) => insertAcmeChallenge(database, accountId, token, keyAuthorization),
        remove: (token) => deleteAcmeChallenge(database, accountId, token),
      })
      await updateAcmeCertificate(database, accountId, name, {
        certificate: credentials.cert,
        privateKeySealed: secrets.seal(credentials.key, certificateContext),
      })
      log.info('obtained a certificate', { names, expiresAt: new Date(readValidity(credentials).to).toISOString() })
      if (!stop.signal.aborted) use(credentials)
    } catch (error) {
      if (stop.signal.aborted) return
      measurements?.certificateOrderFailed()
      const failures = await updateAcmeFailure(database, accountId, name, findOrderRetryMs)
      log.error('the certificate could not be obtained; the server keeps the previous one', {
        names,
        // The message only: the error holds the whole request.
        problem: (error as Error).message,
        failures,
        nextAttemptInMinutes: findOrderRetryMs(failures) / 60_000,
      })
    }
  }

  async function check(): Promise<void> {
    const found = read(await getAcmeCertificate(database, accountId, name))
    if (found !== undefined && found.cert !== obtained?.cert) use(found)
    if (!isOrderDue(obtained && readValidity(obtained), clock.now())) return
    if (await claimAcmeOrder(database, accountId, name, claimMs)) await order()
  }

  async function keepCertificate(): Promise<void> {
    while (!stop.signal.aborted) {
      await check().catch((error: unknown) =>
        log.warn('the certificate was not checked; the next round retries', { error }),
      )
      await clock.wait(checkEveryMs, stop.signal)
    }
  }
  // An order can take minutes; a server that stops does not wait for it.
  void keepCertificate()
  return {
    get current() {
      return current
    },
    authorities: undefined,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      stop.abort()
      await challenges.close()
    },
  }
}

function readValidity({ cert }: TlsCredentials): Validity {
  const { validFrom, validTo } = new X509Certificate(cert)
  return { from: Date.parse(validFrom), to: Date.parse(validTo) }
}

async function makeTemporary(names: readonly string[], now: number): Promise<TlsCredentials> {
  const { certificate, privateKey } = await issueServerCertificate(await createAuthority(now), names, now)
  return { cert: certificate, key: privateKey }
}
