import { chandlerError } from '../../../core/error/errors.ts'
import { sessionIdleMs } from '../../../core/limits.ts'
import {
  deleteSessionById,
  deleteSessionsOf,
  getSessionUser,
  type ListedSession,
  listSessionRows as listRows,
} from '../../../store/access/sessions.ts'
import type { Actor, AppContext } from '../context.ts'
import { authorise, resourceFor } from './authorise.ts'
import { hashSessionToken } from './sessions.ts'
import { writeAudit } from './write-audit.ts'

type Context = Pick<AppContext, 'database' | 'clock' | 'region'>

/**
 * Sessions that have not ended, by id: those of one user, or of all. Every user may list their own.
 * @throws AccessDenied
 */
export function listSessions(
  context: Context,
  actor: Actor,
  page: { readonly user?: string | undefined; readonly after?: string | undefined; readonly limit: number },
): Promise<ListedSession[]> {
  authoriseFor(context, actor, 'ram:GetLoginProfile', page.user)
  const now = context.clock.now()
  const times = { now: new Date(now), idleSince: new Date(now - sessionIdleMs) }
  return listRows(context.database, actor.accountId, page, times)
}

/**
 * Ends a session and the event streams that it opened.
 * @throws SessionNotFound, also for another user's session without permission to end it;
 * AccessDenied
 */
export async function endSession(context: Context, actor: Actor, id: string): Promise<void> {
  const userName = await getSessionUser(context.database, actor.accountId, id)
  if (userName === undefined) {
    // A user without permission to end other sessions must not learn which ids exist.
    authoriseFor(context, actor, 'ram:UpdateLoginProfile', undefined)
    throw chandlerError('SessionNotFound', { id })
  }
  authoriseFor(context, actor, 'ram:UpdateLoginProfile', userName)
  await context.database.transaction().execute(async (transaction) => {
    if (!(await deleteSessionById(transaction, actor.accountId, id))) throw chandlerError('SessionNotFound', { id })
    await writeAudit(transaction, actor, 'EndSession', `user/${userName}`, { session: id })
  })
}

/**
 * Ends all sessions of a user except the requesting one; returns how many.
 * @param token of the requesting session; absent: the request uses an access key
 * @throws AccessDenied
 */
export async function endSessionsOf(
  context: Context,
  actor: Actor,
  userName: string,
  token: string | undefined,
): Promise<number> {
  authoriseFor(context, actor, 'ram:UpdateLoginProfile', userName)
  const except = token === undefined ? undefined : hashSessionToken(token)
  return context.database.transaction().execute(async (transaction) => {
    const count = await deleteSessionsOf(transaction, actor.accountId, userName, except)
    if (count > 0) await writeAudit(transaction, actor, 'EndSession', `user/${userName}`, { count })
    return count
  })
}

/** @param userName absent: all users */
function authoriseFor(context: Context, actor: Actor, action: string, userName: string | undefined): void {
  if (userName === actor.name) return
  authorise(context, actor, { action, resource: resourceFor(context, actor, action, `user/${userName ?? '*'}`) })
}
