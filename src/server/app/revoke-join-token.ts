import { chandlerError } from '../../core/errors.ts'
import { updateJoinTokenRevoked } from '../../store/join-tokens.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

/** Nobody joins with it any more; who has joined stays. @throws JoinTokenNotFound */
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
