import { chandlerError } from '../../../core/error/errors.ts'
import type { InstanceId } from '../../../core/id.ts'
import type { PublishedApprovers } from '../../../core/trust/plan-approval.ts'
import { sha256Of } from '../../../lib/digest.ts'
import {
  getNewestTrustFile,
  insertTrustFile,
  listTrustSuccessors,
  type TrustFileRow,
} from '../../../store/trust/trust-files.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { verifyContentSignature } from './verify-content-signature.ts'

/** A trust file that was parsed, and the signatures over its bytes. */
export interface NewTrustFile {
  readonly version: number
  readonly content: string
  readonly signatures: readonly string[]
  /** Absent: executions need no signatures of approvers. */
  readonly approvers?: PublishedApprovers | undefined
}

/**
 * Publishes a trust file for the instances that have one of a lower version. The server only checks
 * that the signatures fit: each instance decides whether its root keys made them.
 * @throws ContentSignatureInvalid, TrustFileNotNewer
 */
export const publishTrustFile = (
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  { version, content, signatures, approvers }: NewTrustFile,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const keys = signatures.map(
      (signature) => verifyContentSignature(signature, content, ['chandler-trust']).publicKey.fingerprint,
    )
    const row = {
      version,
      content,
      signatures,
      approvers: approvers ?? null,
      createdAt: new Date(clock.now()),
      createdBy: actor.name,
    }
    if (!(await insertTrustFile(transaction, actor.accountId, row))) {
      const newest = await getNewestTrustFile(transaction, actor.accountId)
      throw chandlerError('TrustFileNotNewer', { version, newest: newest?.version ?? version })
    }
    const detail = { version, sha256: sha256Of(content), keys }
    await writeAudit(transaction, actor, 'UpdateTrustFile', 'trust-file', detail)
  })

/** Undefined: none was published. */
export const getPublishedTrustFile = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
): Promise<TrustFileRow | undefined> => getNewestTrustFile(database, actor.accountId)

/** The successors of the trust files that these instances have. */
export async function findTrustSuccessors(
  { database }: Pick<AppContext, 'database'>,
  instances: readonly { readonly id: InstanceId; readonly version: number }[],
): Promise<ReadonlyMap<InstanceId, NewTrustFile>> {
  if (instances.length === 0) return new Map()
  const rows = await listTrustSuccessors(database, instances)
  return new Map(
    rows.map(({ instanceId, version, content, signatures }) => [instanceId, { version, content, signatures }]),
  )
}
