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

export interface PasswordRequest {
  readonly userName: string
  readonly password: string
  readonly oldPassword: string | undefined
  /** Of the session that asks; absent: an access key does. */
  readonly token: string | undefined
}

/**
 * Gives a user another password, and ends all their sessions but the one that asks. Whoever changes their own proves that they know
 * it (an open browser is not enough); for others, and with an access key without the old one, it takes `ram:UpdateLoginProfile`.
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
