import { createHash } from 'node:crypto'
import { builtInRole } from '../../../core/access/built-in-policies.ts'
import { makeJoinTokenId } from '../../../core/id.ts'
import { insertJoinToken, type JoinToken } from '../../../store/instance/join-tokens.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { authoriseRole, lockRole } from './set-instance-role.ts'

export interface JoinTokenRequest {
  /** Absent = as often as one likes until it expires. */
  readonly uses?: number | undefined
  readonly ttlMs: number
  /** What instances that join with it are given. */
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly role: string
  /** Keys of tags that agents may choose. */
  readonly allowedTags: readonly string[]
  /** Instances that join with it wait for an operator. */
  readonly approve: boolean
}

/** What is kept of a token: enough to know it again, nothing to use it with. */
export const hashJoinToken = (token: string) => createHash('sha256').update(token).digest()

/**
 * A token that lets agents join the actor's account. Its text is in this answer and nowhere else.
 * @throws AccessDenied (a role that the actor may not give), RoleNotFound
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
