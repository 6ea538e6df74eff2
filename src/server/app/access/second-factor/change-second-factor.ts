import { chandlerError } from '../../../../core/error/errors.ts'
import {
  confirmSecondFactor,
  countRecoveryCodes,
  deleteSecondFactor,
  getSecondFactor,
  insertRecoveryCodes,
  putPendingSecondFactor,
} from '../../../../store/access/second-factors.ts'
import { deleteSessionsOf, getPasswordHash } from '../../../../store/access/sessions.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { Actor, AppContext } from '../../context.ts'
import { authorise, resourceFor } from '../authorise.ts'
import { verifyPassword } from '../hash-password.ts'
import { getPrincipal } from '../list-principals.ts'
import { hashSessionToken } from '../sessions.ts'
import { writeAudit } from '../write-audit.ts'
import {
  findFactorStep,
  hashRecoveryCode,
  makeFactorSecret,
  makeRecoveryCodes,
  renderFactorUri,
} from './authenticator-app.ts'
import { factorContext, useFactorCode } from './check-code.ts'

type Context = Pick<AppContext, 'database' | 'secrets' | 'random' | 'clock' | 'region' | 'accountName' | 'passwordCost'>

/** The second factor of a user, without its secret. */
export interface SecondFactorState {
  readonly enabled: boolean
  readonly enabledAt: Date | undefined
  readonly recoveryCodesLeft: number
}

/**
 * A user's own, or with `ram:GetUserMFAInfo` that of another user.
 * @throws AccessDenied, UserNotFound
 */
export async function showSecondFactor(context: Context, actor: Actor, userName: string): Promise<SecondFactorState> {
  if (userName !== actor.name) authoriseUser(context, actor, 'ram:GetUserMFAInfo', userName)
  await getPrincipal(context.database, actor, 'user', userName)
  const owner = { accountId: actor.accountId, userName }
  const enabledAt = (await getSecondFactor(context.database, owner))?.confirmedAt ?? undefined
  return {
    enabled: enabledAt !== undefined,
    enabledAt,
    recoveryCodesLeft: await countRecoveryCodes(context.database, owner),
  }
}

/**
 * Makes a secret for the user's authenticator app. It takes effect when the user confirms it with a
 * code. An open browser is not enough: the user enters the password.
 * @param issuer what the app shows beside the user's name
 * @throws PasswordWrong, SecondFactorNeedsPassword, SecondFactorExists
 */
export async function beginSecondFactor(
  context: Context,
  actor: Actor,
  { password, issuer }: { readonly password: string; readonly issuer: string },
): Promise<{ readonly secret: string; readonly uri: string }> {
  const { database, secrets, random, clock } = context
  const owner = { accountId: actor.accountId, userName: actor.name }
  const kept = await getPasswordHash(database, owner.accountId, owner.userName)
  if (typeof kept !== 'string') throw chandlerError('SecondFactorNeedsPassword', { name: actor.name })
  if (!(await verifyPassword(kept, password, context.passwordCost))) throw chandlerError('PasswordWrong', {})
  const secret = makeFactorSecret(random)
  const id = Buffer.from(random(12)).toString('hex')
  const secretSealed = secrets.seal(secret, factorContext(id))
  const made = { id, secretSealed, createdAt: new Date(clock.now()) }
  if (!(await putPendingSecondFactor(database, owner, made)))
    throw chandlerError('SecondFactorExists', { name: actor.name })
  return { secret, uri: renderFactorUri(secret, issuer, actor.name) }
}

/**
 * Requires codes of the app from now on, and ends the user's other sessions. Only this result
 * contains the recovery codes.
 * @param token of the requesting session
 * @throws SecondFactorNotBegun, SecondFactorWrong
 */
export async function enableSecondFactor(
  context: Context,
  actor: Actor,
  { code, token }: { readonly code: string; readonly token: string | undefined },
): Promise<{ readonly recoveryCodes: readonly string[] }> {
  const { database, secrets, random, clock } = context
  const owner = { accountId: actor.accountId, userName: actor.name }
  const factor = await getSecondFactor(database, owner)
  if (!factor || factor.confirmedAt) throw chandlerError('SecondFactorNotBegun', {})
  const secret = secrets.open(factor.secretSealed, factorContext(factor.id)).toString('utf8')
  const step = findFactorStep(secret, code.replaceAll(/\s/gu, ''), clock.now())
  if (step === undefined) throw chandlerError('SecondFactorWrong', {})
  const recoveryCodes = makeRecoveryCodes(random)
  await database.transaction().execute(async (transaction) => {
    const confirmedAt = new Date(clock.now())
    if (!(await confirmSecondFactor(transaction, owner, { id: factor.id, step, confirmedAt })))
      throw chandlerError('SecondFactorNotBegun', {})
    await insertRecoveryCodes(transaction, owner, recoveryCodes.map(hashRecoveryCode))
    const except = token === undefined ? undefined : hashSessionToken(token)
    const sessionsEnded = await deleteSessionsOf(transaction, owner.accountId, owner.userName, except)
    await writeAudit(transaction, actor, 'EnableSecondFactor', `user/${owner.userName}`, { sessionsEnded })
  })
  return { recoveryCodes }
}

/**
 * Removes the actor's own second factor.
 * @throws SecondFactorWrong, SecondFactorNotBegun
 */
export async function disableSecondFactor(context: Context, actor: Actor, code: string): Promise<void> {
  const owner = { accountId: actor.accountId, userName: actor.name }
  await context.database.transaction().execute(async (transaction) => {
    await useFactorCode(transaction, context, owner, code)
    await remove(transaction, actor, actor.name, { withCode: true })
  })
}

/**
 * Removes a second factor that its user has lost.
 * @throws UserNotFound, SecondFactorNotBegun
 */
export async function removeSecondFactor(context: Context, actor: Actor, userName: string): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    await getPrincipal(transaction, actor, 'user', userName)
    await remove(transaction, actor, userName, { withCode: false })
  })
}

async function remove(
  transaction: Connection,
  actor: Actor,
  userName: string,
  detail: { readonly withCode: boolean },
): Promise<void> {
  if (!(await deleteSecondFactor(transaction, { accountId: actor.accountId, userName })))
    throw chandlerError('SecondFactorNotBegun', {})
  await writeAudit(transaction, actor, 'RemoveSecondFactor', `user/${userName}`, detail)
}

const authoriseUser = (context: Context, actor: Actor, action: string, userName: string) =>
  authorise(context, actor, { action, resource: resourceFor(context, actor, action, `user/${userName}`) })
