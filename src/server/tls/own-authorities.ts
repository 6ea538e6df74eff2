import { X509Certificate } from 'node:crypto'
import type { AccountId } from '../../core/id.ts'
import type { Clock } from '../../lib/clock.ts'
import { lockOrInsertAccount } from '../../store/access/accounts.ts'
import type { Connection } from '../../store/database/database.ts'
import {
  type CertificateAuthorityRow,
  insertCertificateAuthority,
  listCertificateAuthorities,
} from '../../store/server/certificate-authorities.ts'
import { writeAudit } from '../app/access/write-audit.ts'
import type { AppContext } from '../app/context.ts'
import type { PublishedAuthorities } from './server-identity.ts'
import type { CreatedAuthority, SigningAuthority } from './sign-certificate.ts'

export type AuthorityContext = Pick<AppContext, 'database' | 'secrets' | 'clock'>

/**
 * The CAs of the servers that share a database. Servers send the cross certificates with their own:
 * they lead from each predecessor to the newest CA.
 */
export interface OwnAuthorities extends PublishedAuthorities {
  /** Issues certificates. */
  readonly newest: SigningAuthority
}

/** SHA-256 of the DER bytes of a PEM certificate, 64 hexadecimal digits. */
const digestOfCertificate = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()

/** Creates the first CA if there is none. Servers that start together create one. */
export function openOwnAuthorities(context: AuthorityContext, accountId: AccountId): Promise<OwnAuthorities> {
  return context.database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const rows = await listCertificateAuthorities(transaction, accountId)
    if (rows.length > 0) return readAuthorities(context, rows)
    return readAuthorities(context, [await addAuthority(context, transaction, accountId, undefined, 0)])
  })
}

/** Reads the CAs again; another server or `rotate-ca` may have added one. */
export async function reloadOwnAuthorities(context: AuthorityContext, accountId: AccountId): Promise<OwnAuthorities> {
  return readAuthorities(context, await listCertificateAuthorities(context.database, accountId))
}

/**
 * Adds a CA, certified by the current one, which servers use from now on.
 * @param overlapMs how long agents keep the current one
 * @returns the digests of both; `previous` is undefined if there was none
 */
export function rotateOwnAuthority(
  context: AuthorityContext,
  accountId: AccountId,
  overlapMs: number,
): Promise<{ readonly digest: string; readonly previous: string | undefined; readonly overlapEndsAt: Date }> {
  return context.database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const [current] = await listCertificateAuthorities(transaction, accountId)
    const added = await addAuthority(context, transaction, accountId, current, overlapMs)
    return {
      digest: digestOfCertificate(added.certificate),
      previous: current && digestOfCertificate(current.certificate),
      overlapEndsAt: added.overlapEndsAt,
    }
  })
}

const sealContext = (ordinal: number) => `certificate-authority/${ordinal}`

async function addAuthority(
  { clock, secrets }: { readonly clock: Clock; readonly secrets: AppContext['secrets'] },
  transaction: Connection,
  accountId: AccountId,
  current: CertificateAuthorityRow | undefined,
  overlapMs: number,
): Promise<CertificateAuthorityRow> {
  // Only a server that needs it loads the library.
  const { createAuthority } = await import('./sign-certificate.ts')
  const now = clock.now()
  const created: CreatedAuthority = await createAuthority(now, current && openRow(secrets, current))
  const ordinal = (current?.ordinal ?? 0) + 1
  const row = {
    ordinal,
    certificate: created.certificate,
    crossCertificate: created.crossCertificate,
    privateKeySealed: secrets.seal(created.privateKey, sealContext(ordinal)),
    createdAt: new Date(now),
    overlapEndsAt: new Date(now + overlapMs),
  }
  await insertCertificateAuthority(transaction, accountId, row)
  const actor = { accountId, name: 'server', source: current === undefined ? 'first start' : 'rotate-ca' }
  await writeAudit(transaction, actor, 'CreateCertificateAuthority', `certificate-authority/${ordinal}`, {
    sha256: digestOfCertificate(created.certificate),
  })
  return row
}

const openRow = (secrets: AppContext['secrets'], row: CertificateAuthorityRow): SigningAuthority => ({
  certificate: row.certificate,
  privateKey: secrets.open(row.privateKeySealed, sealContext(row.ordinal)).toString('utf8'),
})

function readAuthorities(
  { clock, secrets }: Pick<AuthorityContext, 'clock' | 'secrets'>,
  rows: readonly CertificateAuthorityRow[],
): OwnAuthorities {
  const [newest, previous] = rows
  if (newest === undefined) throw new Error('the database has no certificate authority')
  const isOverlapping = previous !== undefined && clock.now() < newest.overlapEndsAt.getTime()
  return {
    newest: openRow(secrets, newest),
    digest: digestOfCertificate(newest.certificate),
    trusted: isOverlapping ? [newest.certificate, previous.certificate] : [newest.certificate],
    crossCertificates: rows.flatMap(({ crossCertificate }) => crossCertificate ?? []),
  }
}
