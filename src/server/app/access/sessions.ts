import { createHash } from 'node:crypto'
import {
  findRolesOfGroups,
  type GroupRole,
  isSsoUserName,
  type SsoIdentity,
} from '../../../core/access/single-sign-on.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import type { AccountId } from '../../../core/id.ts'
import { maxSessionMs, sessionIdleMs } from '../../../core/limits.ts'
import {
  deleteEndedSessions,
  deleteSession,
  getPasswordHash,
  getSession,
  insertSession,
  touchSession,
} from '../../../store/access/sessions.ts'
import { findSsoUser, insertSsoSession, insertSsoUser } from '../../../store/access/sso-users.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor, AppContext } from '../context.ts'
import { verifyPassword } from './hash-password.ts'
import { loadSessionPolicies, loadUserPolicies } from './policy/granted-policies.ts'
import { type FactorProof, useFactorCode } from './second-factor/check-code.ts'
import { writeAudit } from './write-audit.ts'

/** An open session: its user, and when it expires. */
export interface Session {
  readonly actor: Actor
  readonly expiresAt: Date
  /** It was begun through an identity provider. */
  readonly sso: boolean
}

/** Sessions of users that signed in with a password. */
export interface Sessions {
  /**
   * Begins a session after checking the password. Only this result contains the token.
   * @param old the token of a session that this one replaces
   * @throws SignInFailed, in the same time whatever the cause is; SecondFactorRequired and
   * SecondFactorWrong only after the right password
   */
  signIn(
    who: {
      readonly userName: string
      readonly password: string
      /** Of the authenticator app, or a recovery code. */
      readonly code?: string | undefined
      readonly source: string
      readonly userAgent: string
    },
    old: string | undefined,
  ): Promise<Session & { readonly token: string }>
  /**
   * Begins a session of a user, authenticated by an identity provider. The first sign-in creates
   * the user. The session has the roles of the user's groups until it ends.
   * @throws SsoNameMissing, SsoNameTaken
   */
  signInSso(
    identity: SsoIdentity,
    settings: { readonly groupRoles: readonly GroupRole[]; readonly sessionMs: number },
    from: { readonly source: string; readonly userAgent: string },
    old: string | undefined,
  ): Promise<Session & { readonly token: string }>
  /**
   * @param isUse whether it counts as a use of the session, which keeps it from expiring
   * @throws SessionEnded
   */
  open(token: string, source: string, isUse?: boolean): Promise<Session>
  /** Ends a session and records the sign-out in the audit log. */
  end(token: string, source: string): Promise<void>
  /** Whether a session has not ended; does not count as a use. */
  isOpen(token: string): Promise<boolean>
  /** Call after changing users, policies or passwords on this server. */
  forgetAll(): void
}

/**
 * Changes on another server (a policy, a password) take effect here after this time at the latest.
 */
const rememberedMs = 5_000
const maxRemembered = 1_000
/** The last use is stored at this interval, not with every request. */
const touchEveryMs = 60_000

interface OpenSession extends Pick<Session, 'expiresAt' | 'sso'> {
  readonly accountId: AccountId
  readonly userName: string
  /** From an identity provider. */
  readonly roles: readonly string[]
  readonly policies: Actor['policies']
  readonly untilAt: number
}

/** Limit of the stored user agent; enough to distinguish browsers in a list. */
const maxUserAgentLength = 256

/** As the database computes it from the hash of the token (sessions.id). */
export const sessionIdOf = (token: string): string => `ses-${hashSessionToken(token).toString('hex').slice(0, 20)}`

/** The stored form of a session token. */
export const hashSessionToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/**
 * Sign-in with name and password. A session ends some hours after its last use, and some days after
 * it began.
 */
export function createSessions(
  context: Pick<AppContext, 'database' | 'secrets' | 'clock' | 'random' | 'passwordCost'>,
  accountId: AccountId,
): Sessions {
  const { database, clock, random } = context
  const remembered = new Map<string, OpenSession>()

  async function load(token: string, isUse = true): Promise<OpenSession | undefined> {
    const key = hashSessionToken(token).toString('hex')
    const known = remembered.get(key)
    if (known && known.untilAt > clock.monotonicMs()) return known
    remembered.delete(key)
    const row = await getSession(database, hashSessionToken(token))
    const now = clock.now()
    if (!row || row.expiresAt.getTime() <= now || row.lastUsedAt.getTime() + sessionIdleMs <= now) return undefined
    if (isUse && row.lastUsedAt.getTime() + touchEveryMs <= now)
      await touchSession(database, row.tokenHash, new Date(now))
    const policies = await loadSessionPolicies(database, row.accountId, row.userName, row.roles)
    const { userName, expiresAt } = row
    const session = {
      accountId: row.accountId,
      userName,
      expiresAt,
      sso: row.sso,
      roles: row.roles,
      policies,
      untilAt: clock.monotonicMs() + rememberedMs,
    }
    const [oldest] = remembered.keys()
    if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest)
    remembered.set(key, session)
    return session
  }

  const actorOf = ({ accountId: account, userName, roles, policies }: OpenSession, source: string): Actor => ({
    accountId: account,
    name: userName,
    source,
    roles,
    policies,
  })

  async function end(token: string, source: string): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      const ended = await deleteSession(transaction, hashSessionToken(token))
      if (!ended) return
      const { accountId: account, userName, id } = ended
      await writeAudit(transaction, { accountId: account, name: userName, source }, 'SignOut', `user/${userName}`, {
        session: id,
      })
    })
    // Afterwards, because a concurrent request would add it to the cache again.
    remembered.delete(hashSessionToken(token).toString('hex'))
  }

  return {
    async signIn({ userName, password, code, source, userAgent }, old) {
      const kept = await getPasswordHash(database, accountId, userName)
      if (!(await verifyPassword(kept, password, context.passwordCost)) || typeof kept !== 'string')
        throw chandlerError('SignInFailed', {})
      const token = Buffer.from(random(32)).toString('base64url')
      const now = new Date(clock.now())
      const expiresAt = new Date(clock.now() + maxSessionMs)
      const row = {
        tokenHash: hashSessionToken(token),
        accountId,
        userName,
        createdAt: now,
        lastUsedAt: now,
        expiresAt,
        source,
        userAgent: userAgent.slice(0, maxUserAgentLength),
      }
      await database.transaction().execute(async (transaction) => {
        // The comparison took a while: a password change or a deletion of the user in between has
        // ended the existing sessions.
        if (!(await insertSession(transaction, row, kept))) throw chandlerError('SignInFailed', {})
        const proof: FactorProof = await useFactorCode(transaction, context, { accountId, userName }, code)
        await writeAudit(transaction, { accountId, name: userName, source }, 'SignIn', `user/${userName}`, {
          ...(proof !== 'none' && { secondFactor: proof }),
        })
      })
      if (old !== undefined) await end(old, source)
      const policies = await loadUserPolicies(database, accountId, userName)
      return { token, expiresAt, sso: false, actor: { accountId, name: userName, source, policies } }
    },
    async signInSso(identity, { groupRoles, sessionMs }, { source, userAgent }, old) {
      const token = Buffer.from(random(32)).toString('base64url')
      const [now, roles] = [new Date(clock.now()), findRolesOfGroups(groupRoles, identity.groups)]
      const expiresAt = new Date(clock.now() + Math.min(sessionMs, maxSessionMs))
      const userName = await database.transaction().execute(async (transaction) => {
        const name = await findOrCreateSsoUser(transaction, accountId, identity, now)
        await insertSsoSession(
          transaction,
          {
            tokenHash: hashSessionToken(token),
            accountId,
            userName: name,
            createdAt: now,
            lastUsedAt: now,
            expiresAt,
            source,
            userAgent: userAgent.slice(0, maxUserAgentLength),
          },
          roles,
        )
        const { issuer, subject, groups } = identity
        await writeAudit(transaction, { accountId, name, source }, 'SignIn', `user/${name}`, {
          issuer,
          subject,
          groups: groups.slice(0, maxAuditedGroups),
          roles,
        })
        return name
      })
      if (old !== undefined) await end(old, source)
      const policies = await loadSessionPolicies(database, accountId, userName, roles)
      return { token, expiresAt, sso: true, actor: { accountId, name: userName, source, roles, policies } }
    },
    async open(token, source, isUse = true) {
      const session = await load(token, isUse)
      if (!session) throw chandlerError('SessionEnded', {})
      return { actor: actorOf(session, source), expiresAt: session.expiresAt, sso: session.sso }
    },
    end,
    isOpen: async (token) => (await load(token, false)) !== undefined,
    forgetAll: () => remembered.clear(),
  }
}

/** A user can be in hundreds of groups at a provider. */
const maxAuditedGroups = 50

/**
 * The subject identifies the user. A name that another user has is refused, so that nobody becomes
 * a local user, or one of another provider, by choosing their name.
 */
async function findOrCreateSsoUser(
  transaction: Connection,
  accountId: AccountId,
  identity: SsoIdentity,
  createdAt: Date,
): Promise<string> {
  const known = await findSsoUser(transaction, accountId, identity)
  if (known !== undefined) return known
  const { name = '' } = identity
  if (!isSsoUserName(name)) throw chandlerError('SsoNameMissing', { name })
  if (!(await insertSsoUser(transaction, accountId, { ...identity, name, createdAt })))
    throw chandlerError('SsoNameTaken', { name })
  const actor = { accountId, name: 'single-sign-on', source: 'server' }
  await writeAudit(transaction, actor, 'CreateUser', `user/${name}`, {
    issuer: identity.issuer,
    subject: identity.subject,
  })
  return name
}

/** Deletes rows of sessions that have ended. */
export const tidySessions = ({ database, clock }: Pick<AppContext, 'database' | 'clock'>): Promise<void> =>
  deleteEndedSessions(database, new Date(clock.now()), new Date(clock.now() - sessionIdleMs))
