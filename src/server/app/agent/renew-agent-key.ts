import type { InstanceId } from '../../../core/id.ts'
import { agentKeyMaxAgeMs } from '../../../core/limits.ts'
import { updateInstanceKey } from '../../../store/instance/admissions.ts'
import { listAgentIdentities } from '../../../store/instance/agent-sessions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { AppContext } from '../context.ts'
import { provesKey } from './proves-key.ts'

/** The request to renew an instance's key, with its signatures. */
export interface ProvenKeyRenewal {
  readonly instanceId: InstanceId
  /** The text that both keys have signed. */
  readonly proof: string
  /** The new key: raw ed25519, 32 bytes. */
  readonly publicKey: Buffer
  /** With the key of the instance. */
  readonly signature: Buffer
  /** With the new key. */
  readonly newSignature: Buffer
  /** Remote address. */
  readonly source: string
}

/** The result of a renewal. */
export type KeyRenewalAnswer =
  | { readonly isRenewed: true; readonly renewKeyInMs: number }
  | { readonly isRenewed: false }
  | { readonly refused: 'SignatureWrong' }

/**
 * Replaces the key of an instance by the one that its agent generated. The agent keeps both until
 * it receives the confirmation: whichever message is lost, one of the two is the instance's key. A
 * repeated renewal gets the same response.
 */
export async function renewAgentKey(
  { database }: Pick<AppContext, 'database'>,
  { instanceId, proof, publicKey, signature, newSignature, source }: ProvenKeyRenewal,
): Promise<KeyRenewalAnswer> {
  const identity = (await listAgentIdentities(database, [instanceId])).get(instanceId)
  if (!identity || identity.isRemoved || !provesKey(publicKey, proof, newSignature))
    return { refused: 'SignatureWrong' }
  const renewed = { isRenewed: true, renewKeyInMs: agentKeyMaxAgeMs } as const
  if (identity.publicKey.equals(publicKey)) return renewed
  if (!provesKey(identity.publicKey, proof, signature)) return { refused: 'SignatureWrong' }
  return database.transaction().execute(async (transaction) => {
    const keys = { from: identity.publicKey, to: publicKey }
    if (!(await updateInstanceKey(transaction, instanceId, keys))) return { isRenewed: false }
    const actor = { accountId: identity.accountId, name: `instance/${instanceId}`, source }
    await writeAudit(transaction, actor, 'RenewInstanceKey', `instance/${instanceId}`)
    return renewed
  })
}
