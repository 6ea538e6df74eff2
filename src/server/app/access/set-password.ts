import { chandlerError } from '../../../core/error/errors.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import { deleteSessionsOf, getPasswordHash, updatePasswordHash } from '../../../store/access/sessions.ts'
import type { Actor, AppContext } from '../context.ts'
import { authorise, resourceFor } from './authorise.ts'
import { checkPassword } from './check-password.ts'
import { hashPassword, verifyPassword } from './hash-password.ts'
import { getPrincipal } from './list-principals.ts'
import { hashSessionToken } from './sessions.ts'
import { writeAudit } from './write-audit.ts'

/** A request to set a user's password. */
export interface PasswordRequest {
  readonly userName: string
  readonly password: string
  readonly oldPassword: string | undefined
  /** Of the requesting session; absent: the request uses an access key. */
  readonly token: string | undefined
}

/**
 * Sets a user's password, and ends all of the user's sessions except the requesting one. A user who
 * changes their own in a session has to give the current one (an open browser is not enough);
 * changing another user's, or one's own with an access key without the current one, requires
 * `ram:UpdateLoginProfile`.
 * @throws AccessDenied, UserNotFound, PasswordWrong, PasswordWeak
 */
export async function setPassword(
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'random' | 'passwordCost'>,
  actor: Actor,
  { userName, password, oldPassword, token }: PasswordRequest,
): Promise<void> {
  const { database, random, passwordCost } = context
  const { accountId } = actor
  const isOwn = userName === actor.name && (token !== undefined || oldPassword !== undefined)
  if (isOwn) {
    const kept = await getPasswordHash(database, accountId, userName)
    if (!(await verifyPassword(kept, oldPassword ?? '', passwordCost))) throw chandlerError('PasswordWrong', {})
  } else {
    const action = 'ram:UpdateLoginProfile'
    authorise(context, actor, { action, resource: resourceFor(context, actor, action, `user/${userName}`) })
  }
  if ((await getPrincipal(database, actor, 'user', userName)).service)
    throw chandlerError('ServiceAccountPassword', { name: userName })
  await checkPassword(password, userName)
  const hash = await hashPassword(random, password, passwordCost)
  await database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    await getPrincipal(transaction, actor, 'user', userName)
    await updatePasswordHash(transaction, accountId, userName, hash)
    const sessionsEnded = await deleteSessionsOf(
      transaction,
      accountId,
      userName,
      userName === actor.name && token !== undefined ? hashSessionToken(token) : undefined,
    )
    await writeAudit(transaction, actor, 'SetPassword', `user/${userName}`, { sessionsEnded })
  })
}
