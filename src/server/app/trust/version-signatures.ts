import { chandlerError } from '../../../core/error/errors.ts'
import { maxSignaturesPerSubject } from '../../../core/limits.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { Connection } from '../../../store/database/database.ts'
import { fillCanonical, listCanonicalVersions } from '../../../store/extension/canonical-versions.ts'
import { countSignatures, listSignatures, type SignatureRow, upsertSignature } from '../../../store/trust/signatures.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { getVersion, type VersionRecord } from '../extension/list-versions.ts'
import { renderCanonicalVersion } from './canonical-version.ts'
import { verifyContentSignature } from './verify-content-signature.ts'

/** A version as its publisher signs it. */
export interface SignedVersion {
  /** The signed bytes, as text. */
  readonly canonical: string
  readonly sha256: string
  readonly signatures: readonly SignatureRow[]
}

/** @throws ExtensionNotFound, VersionNotFound */
export async function getSignedVersion(
  context: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  label: string,
): Promise<SignedVersion> {
  const version = await getVersion(context, actor, name, label)
  const canonical = await readCanonical(context.database, version)
  const sha256 = sha256Of(canonical)
  return { canonical, sha256, signatures: await listSignatures(context.database, actor.accountId, [sha256]) }
}

async function readCanonical(connection: Connection, version: VersionRecord): Promise<string> {
  const [row] = await listCanonicalVersions(connection, [version])
  if (!row) throw chandlerError('VersionNotFound', { name: version.extensionName, version: String(version.version) })
  return row.canonical ?? renderCanonicalVersion(row)
}

const namespaces = ['chandler-version', 'chandler-rollback'] as const

/**
 * Stores a publisher's signature over the canonical bytes of a version. The server only checks that
 * the signature fits: whether its key may publish is decided by the trust file of each instance.
 * @throws ExtensionNotFound, VersionNotFound, ContentSignatureInvalid, ContentSignaturesTooMany
 */
export async function addVersionSignature(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  name: string,
  label: string,
  signature: string,
): Promise<SignedVersion> {
  return database.transaction().execute(async (transaction) => {
    const version = await getVersion({ database: transaction }, actor, name, label)
    const canonical = await readCanonical(transaction, version)
    const { namespace, publicKey } = verifyContentSignature(signature, canonical, namespaces)
    const subjectSha256 = sha256Of(canonical)
    await fillCanonical(transaction, actor.accountId, { ...version, canonical })
    await upsertSignature(transaction, actor.accountId, {
      subjectSha256,
      namespace,
      keyFingerprint: publicKey.fingerprint,
      publicKey: publicKey.text,
      signature,
      createdAt: new Date(clock.now()),
      createdBy: actor.name,
    })
    if ((await countSignatures(transaction, actor.accountId, subjectSha256)) > maxSignaturesPerSubject)
      throw chandlerError('ContentSignaturesTooMany', { max: maxSignaturesPerSubject })
    await writeAudit(transaction, actor, 'SignVersion', `extension/${name}`, {
      version: version.version,
      namespace,
      key: publicKey.fingerprint,
    })
    const signatures = await listSignatures(transaction, actor.accountId, [subjectSha256])
    return { canonical, sha256: subjectSha256, signatures }
  })
}
