import { chandlerError } from '../../../core/error/errors.ts'
import { type InstanceId, makeInstanceId } from '../../../core/id.ts'
import type { Fingerprint } from '../../../core/instance/agent-identity.ts'
import type { Facts } from '../../../core/instance/facts.ts'
import { maxTagsPerInstance } from '../../../core/limits.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import type { Connection } from '../../../store/database/database.ts'
import { findOnlineNamesake } from '../../../store/instance/admissions.ts'
import { awaitAssignments, setBootToken } from '../../../store/instance/boot-profiles.ts'
import { getInstanceByKey, insertInstance } from '../../../store/instance/instances.ts'
import { type JoinToken, updateJoinTokenUse } from '../../../store/instance/join-tokens.ts'
import { writeAudit } from '../access/write-audit.ts'
import { provesKey } from '../agent/proves-key.ts'
import type { AppContext } from '../context.ts'
import { checkJoinToken } from './check-join-token.ts'

/** The request of an agent to join. */
export interface Enrolment {
  readonly token: string
  /** Raw ed25519 key, 32 bytes. */
  readonly publicKey: Buffer
  /** Signature with that key over `proofOf(token)`. */
  readonly proof: Buffer
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly facts: Facts
  readonly fingerprint?: Fingerprint | undefined
  /** Remote address. */
  readonly source: string
}

/**
 * Creates an instance for the holder of a join token and a key. Repeating the request with the same
 * key returns the same instance and consumes no use of the token: a lost response can be requested
 * again, also after the last use. The agent chooses name and tags, which influence what it gets
 * later: only tags that the token allows, and no name of an online instance.
 * @param proofOf the text that the key has signed (protocol: enrolProof)
 * @throws JoinTokenInvalid, JoinTokenRevoked, JoinTokenExpired, JoinTokenUsedUp, AgentProofInvalid,
 * InstanceRemoved, TagsInvalid, TagNotAllowed, InstanceNameTaken
 */
export async function enrolInstance(
  { database, random, clock }: Pick<AppContext, 'database' | 'random' | 'clock'>,
  enrolment: Enrolment,
  proofOf: (token: string) => string,
): Promise<Enrolled> {
  const token = await checkJoinToken({ database, clock }, enrolment.token)
  if (!provesKey(enrolment.publicKey, proofOf(enrolment.token), enrolment.proof))
    throw chandlerError('AgentProofInvalid', {})
  const enrolledAt = new Date(clock.now())
  return database
    .transaction()
    .execute((transaction) => findOrInsert(transaction, token, enrolment, makeInstanceId(random), enrolledAt))
}

/** The result of an enrolment. */
export interface Enrolled {
  readonly instanceId: InstanceId
  /** An operator has to approve it. */
  readonly isPending: boolean
}

async function findOrInsert(
  transaction: Connection,
  token: JoinToken,
  { publicKey, name, tags, facts, fingerprint, source }: Enrolment,
  id: InstanceId,
  enrolledAt: Date,
): Promise<Enrolled> {
  // The token's tags override the agent's, because users of the account chose them.
  const allTags = { ...tags, ...token.tags }
  if (Object.keys(allTags).length > maxTagsPerInstance) {
    const reason = `together with those of the join token there are more than ${maxTagsPerInstance}`
    throw chandlerError('TagsInvalid', { reason })
  }
  const { accountId, resourceGroup, role, approve } = token
  const pendingReason = approve ? makeReason('JoinedWithToken', { token: token.id, address: source }) : undefined
  // Inserted first: of two concurrent requests with one key the second waits here, and both return
  // the same instance.
  const inserted = await insertInstance(transaction, {
    id,
    accountId,
    name,
    publicKey,
    tags: allTags,
    resourceGroup,
    role,
    facts,
    fingerprint,
    pendingReason,
    enrolledAt,
  })
  if (!inserted) return findEnrolled(transaction, token, publicKey)
  refuseForeignTags(token, tags)
  const namesake = await findOnlineNamesake(transaction, accountId, name, id)
  if (namesake) throw chandlerError('InstanceNameTaken', { name, id: namesake })
  // The token's row is locked last, so that concurrent joins wait for each other no longer than a
  // commit.
  if (token.uses !== undefined && !(await updateJoinTokenUse(transaction, accountId, token.id))) {
    throw chandlerError('JoinTokenUsedUp', { uses: token.uses })
  }
  if (token.bootProfile) await setBootToken(transaction, id, token.id)
  await awaitAssignments(transaction, id, accountId)
  await writeAudit(
    transaction,
    { accountId, name: `join-token/${token.id}`, source },
    'EnrolInstance',
    `instance/${id}`,
    { name, tags, ...(approve && { isPending: true }) },
  )
  return { instanceId: id, isPending: approve }
}

/**
 * The agent may repeat a tag that the token sets; it may set others only if the token allows their
 * keys.
 */
function refuseForeignTags(token: JoinToken, tags: Enrolment['tags']): void {
  const foreign = Object.entries(tags).find(
    ([key, value]) =>
      !token.allowedTags.includes(key) && !(Object.hasOwn(token.tags, key) && token.tags[key] === value),
  )
  if (foreign) throw chandlerError('TagNotAllowed', { key: foreign[0] })
}

async function findEnrolled(transaction: Connection, token: JoinToken, publicKey: Buffer): Promise<Enrolled> {
  const known = await getInstanceByKey(transaction, publicKey)
  if (known?.removedAt) throw chandlerError('InstanceRemoved', {})
  // A key of another account's instance is not revealed.
  if (!known || known.accountId !== token.accountId) throw chandlerError('AgentProofInvalid', {})
  return { instanceId: known.id, isPending: known.admission === 'pending' }
}
