import { chandlerError } from '../../../core/error/errors.ts'
import { updateJoinTokenRevoked } from '../../../store/instance/join-tokens.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * Revokes a token: no agent can join with it; joined instances are not affected. @throws
 * JoinTokenNotFound
 */
export const revokeJoinToken = (
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  id: string,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const revoked = await updateJoinTokenRevoked(transaction, actor.accountId, id, new Date(clock.now()))
    if (!revoked) throw chandlerError('JoinTokenNotFound', { id })
    await writeAudit(transaction, actor, 'RevokeJoinToken', `join-token/${id}`)
  })
