import { createHash } from 'node:crypto'
import { builtInRole } from '../../../core/access/built-in-policies.ts'
import { makeJoinTokenId } from '../../../core/id.ts'
import { insertJoinToken, type JoinToken } from '../../../store/instance/join-tokens.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { authoriseRole, lockRole } from './set-instance-role.ts'

/** The request to create a join token. */
export interface JoinTokenRequest {
  /** Absent: unlimited until it expires. */
  readonly uses?: number | undefined
  readonly ttlMs: number
  /** Tags of instances that join with it. */
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly role: string
  /** Tag keys that agents may set. */
  readonly allowedTags: readonly string[]
  /** Whether instances that join with it need an operator's approval. */
  readonly approve: boolean
}

/** The stored form of a token: sufficient to verify it, useless to an attacker. */
export const hashJoinToken = (token: string) => createHash('sha256').update(token).digest()

/**
 * Creates a token that lets agents join the actor's account. Only this result contains its text.
 * @throws AccessDenied (a role that the actor may not pass), RoleNotFound
 */
export async function createJoinToken(
  context: Pick<AppContext, 'database' | 'random' | 'clock' | 'region'>,
  actor: Actor,
  { uses, ttlMs, tags, resourceGroup, role, allowedTags, approve }: JoinTokenRequest,
): Promise<JoinToken & { readonly token: string }> {
  const { database, random, clock } = context
  if (role !== builtInRole.name) authoriseRole(context, actor, role)
  const token = `ct_${Buffer.from(random(32)).toString('base64url')}`
  const made = {
    id: makeJoinTokenId(random),
    accountId: actor.accountId,
    uses,
    expiresAt: new Date(clock.now() + ttlMs),
    tags,
    resourceGroup,
    role,
    allowedTags: [...new Set(allowedTags)],
    approve,
    createdAt: new Date(clock.now()),
  }
  await database.transaction().execute(async (transaction) => {
    await lockRole(transaction, actor, role)
    await insertJoinToken(transaction, { ...made, tokenHash: hashJoinToken(token) })
    await writeAudit(transaction, actor, 'CreateJoinToken', `join-token/${made.id}`, {
      uses,
      ttlMs,
      tags,
      resourceGroup,
      role,
      allowedTags: made.allowedTags,
      approve,
    })
  })
  return { ...made, usesLeft: uses, revokedAt: undefined, token }
}
