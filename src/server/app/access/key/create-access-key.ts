import { createHash } from 'node:crypto'
import { chandlerError } from '../../../../core/error/errors.ts'
import { type AccessKeyId, makeAccessKeyId, type RandomBytes } from '../../../../core/id.ts'
import { defaultServiceKeyTtlMs, maxServiceKeyTtlMs } from '../../../../core/limits.ts'
import {
  type AccessKey,
  type AccessKeyKind,
  insertAccessKey,
  type StoredSecret,
} from '../../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import type { Actor, AppContext, SecretBox } from '../../context.ts'
import { getPrincipal } from '../list-principals.ts'
import { writeAudit } from '../write-audit.ts'

/** 256 random bits, which cannot be guessed. */
export const makeAccessKeySecret = (random: RandomBytes) => Buffer.from(random(32)).toString('base64url')

/** Binds the secret to its row, so that it cannot be copied to another key. */
export const accessKeyContext = (id: AccessKeyId) => `access-key/${id}`

/** The secret of an access key, sealed for its row: signatures of the OOS API can be verified with it. */
export const sealAccessKeySecret = (secrets: SecretBox, id: AccessKeyId, secret: string): StoredSecret => ({
  kind: 'oos',
  sealed: secrets.seal(secret, accessKeyContext(id)),
})

/**
 * SHA-256 of the id and the secret. A slow hash would protect secrets that can be guessed; these
 * have 256 random bits.
 */
export const digestAccessKeySecret = (id: AccessKeyId, secret: string | Buffer): Buffer =>
  createHash('sha256')
    .update(`${accessKeyContext(id)}\n`)
    .update(secret)
    .digest()

/** The secret of an access key as its hash, from which nobody can read it. */
export const hashAccessKeySecret = (id: AccessKeyId, secret: string | Buffer): StoredSecret & { kind: 'native' } => ({
  kind: 'native',
  hash: digestAccessKeySecret(id, secret).toString('hex'),
})

/**
 * Creates an access key for a user of the actor's account; only this result contains the secret in
 * clear text.
 * @throws UserNotFound, ServiceKeyTooLong
 */
export async function createAccessKey(
  { database, secrets, random, clock }: Pick<AppContext, 'database' | 'secrets' | 'random' | 'clock'>,
  actor: Actor,
  {
    userName = actor.name,
    kind,
    description,
    ttlMs: askedTtlMs,
  }: {
    readonly userName?: string | undefined
    readonly kind: AccessKeyKind
    readonly description: string
    /** Lifetime; absent: until it is disabled or deleted, or the default of a service account. */
    readonly ttlMs?: number | undefined
  },
): Promise<AccessKey & { readonly secret: string }> {
  const id = makeAccessKeyId(random)
  const secret = makeAccessKeySecret(random)
  const { service } = await getPrincipal(database, actor, 'user', userName)
  const ttlMs = askedTtlMs ?? (service ? defaultServiceKeyTtlMs : undefined)
  if (service && ttlMs !== undefined && ttlMs > maxServiceKeyTtlMs)
    throw chandlerError('ServiceKeyTooLong', { name: userName, days: maxServiceKeyTtlMs / 86_400_000 })
  const expiresAt = ttlMs === undefined ? undefined : new Date(clock.now() + ttlMs)
  const key = { id, accountId: actor.accountId, userName, description, createdAt: new Date(clock.now()), expiresAt }
  await database.transaction().execute(async (transaction) => {
    // Prevents the deletion of the user meanwhile.
    await lockOrInsertAccount(transaction, { id: actor.accountId, name: actor.accountId })
    await getPrincipal(transaction, actor, 'user', userName)
    await insertAccessKey(transaction, {
      ...key,
      secret: kind === 'oos' ? sealAccessKeySecret(secrets, id, secret) : hashAccessKeySecret(id, secret),
    })
    await writeAudit(transaction, actor, 'CreateAccessKey', `access-key/${id}`, {
      userName,
      kind,
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    })
  })
  return { ...key, kind, disabledAt: undefined, lastUsedAt: undefined, lastUsedFrom: undefined, secret }
}
