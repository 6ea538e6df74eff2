import { chandlerError } from '../../../../core/error/errors.ts'
import { type AccessKeyId, makeAccessKeyId, type RandomBytes } from '../../../../core/id.ts'
import { defaultServiceKeyTtlMs, maxServiceKeyTtlMs } from '../../../../core/limits.ts'
import { type AccessKey, insertAccessKey } from '../../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import type { Actor, AppContext, SecretBox } from '../../context.ts'
import { getPrincipal } from '../list-principals.ts'
import { writeAudit } from '../write-audit.ts'

/** 256 random bits, which cannot be guessed. */
export const makeAccessKeySecret = (random: RandomBytes) => Buffer.from(random(32)).toString('base64url')

/** Binds the secret to its row, so that it cannot be copied to another key. */
export const accessKeyContext = (id: AccessKeyId) => `access-key/${id}`

/** Seals the secret of an access key for its row. */
export const sealAccessKeySecret = (secrets: SecretBox, id: AccessKeyId, secret: string) =>
  secrets.seal(secret, accessKeyContext(id))

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
    description,
    ttlMs: askedTtlMs,
  }: {
    readonly userName?: string | undefined
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
    await insertAccessKey(transaction, { ...key, secretSealed: sealAccessKeySecret(secrets, id, secret) })
    await writeAudit(transaction, actor, 'CreateAccessKey', `access-key/${id}`, {
      userName,
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    })
  })
  return { ...key, disabledAt: undefined, lastUsedAt: undefined, lastUsedFrom: undefined, secret }
}
