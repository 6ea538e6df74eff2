import { timingSafeEqual } from 'node:crypto'
import { chandlerError } from '../../../core/error/errors.ts'
import type { AccessKeyId, AccountId } from '../../../core/id.ts'
import { getAccessKey, type StoredSecret } from '../../../store/access/access-keys.ts'
import type { Actor, AppContext } from '../context.ts'
import { accessKeyContext, digestAccessKeySecret } from './key/create-access-key.ts'
import { createKeyUses } from './key/key-uses.ts'
import { loadUserPolicies } from './policy/granted-policies.ts'
import { createNonces } from './use-nonce.ts'

/** Authenticates requests by access key. */
export interface Authenticator {
  /**
   * Authenticates an access key by id and secret.
   * @param source the request's address; becomes part of the actor
   * @throws AccessKeyInvalid (unknown id and wrong secret alike), AccessKeyDisabled,
   * AccessKeyExpired
   */
  authenticate(id: string, secret: string, source: string): Promise<Actor>
  /**
   * Authenticates a request by its signature. A valid request consumes its nonce.
   * @throws AccessKeyUnknown, AccessKeyCannotSign, SignatureInvalid, AccessKeyDisabled, AccessKeyExpired,
   * SignatureNonceUsed
   */
  authenticateSigned(request: SignedRequest, source: string): Promise<Actor>
  /**
   * Whether the key still exists, is enabled and has not expired, for requests that it
   * authenticated earlier.
   */
  isUsable(id: string): Promise<boolean>
  /** Writes the pending uses of keys. */
  close(): Promise<void>
  /** Call after changing a key, so that the change takes effect immediately. */
  forget(id: string): void
  /** Call after changing users or policies on this server. */
  forgetAll(): void
}

/** A request that is signed with an access key. */
export interface SignedRequest {
  readonly accessKeyId: string
  readonly nonce: string
  /**
   * Whether this secret made the signature, compared in constant time. The buffer is wiped
   * afterwards.
   */
  readonly isSignedWith: (secret: Buffer) => boolean
}

/** Changes on another server (a key, a policy) take effect here after this time at the latest. */
const rememberedMs = 5_000
/** More keys than users and programs use on one server within that time. */
const maxRemembered = 1_000

interface OpenedKey {
  readonly id: AccessKeyId
  readonly accountId: AccountId
  readonly userName: string
  /** As stored in the database: the secret itself is in memory only during the comparison. */
  readonly secret: StoredSecret
  readonly secretDigest: Buffer
  readonly disabled: boolean
  readonly expiresAt: Date | undefined
  readonly policies: Actor['policies']
  readonly untilAt: number
}

/**
 * Caches keys and their users' policies for seconds: a busy client costs neither a query nor a
 * decryption per request.
 */
export function createAuthenticator({
  database,
  secrets,
  clock,
  log,
}: Pick<AppContext, 'database' | 'secrets' | 'clock' | 'log'>): Authenticator {
  const remembered = new Map<string, OpenedKey>()
  const nonces = createNonces({ database, clock })
  const uses = createKeyUses({ database, clock, log })

  async function open(id: string): Promise<OpenedKey | undefined> {
    const known = remembered.get(id)
    if (known && known.untilAt > clock.monotonicMs()) return known
    const key = await getAccessKey(database, id)
    if (!key) return undefined
    const opened = {
      id: key.id,
      secret: key.secret,
      accountId: key.accountId,
      userName: key.userName,
      secretDigest: digestOf(key),
      disabled: key.disabledAt !== undefined,
      expiresAt: key.expiresAt,
      policies: await loadUserPolicies(database, key.accountId, key.userName),
      untilAt: clock.monotonicMs() + rememberedMs,
    }
    remembered.delete(id)
    const [oldest] = remembered.keys()
    if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest)
    remembered.set(id, opened)
    return opened
  }

  const digestOf = ({ id, secret }: Pick<OpenedKey, 'id' | 'secret'>): Buffer =>
    secret.kind === 'native'
      ? Buffer.from(secret.hash, 'hex')
      : withSecret(secret.sealed, id, (opened) => digestAccessKeySecret(id, opened))

  function withSecret<Result>(sealed: Buffer, id: AccessKeyId, use: (secret: Buffer) => Result): Result {
    const secret = secrets.open(sealed, accessKeyContext(id))
    try {
      return use(secret)
    } finally {
      secret.fill(0)
    }
  }

  const isExpired = ({ expiresAt }: OpenedKey) => expiresAt !== undefined && expiresAt.getTime() <= clock.now()

  function refuseUnusable(key: OpenedKey): void {
    if (key.disabled) throw chandlerError('AccessKeyDisabled', { id: key.id })
    if (isExpired(key))
      throw chandlerError('AccessKeyExpired', { id: key.id, expiredAt: key.expiresAt?.toISOString() ?? '' })
  }

  function admit(key: OpenedKey, source: string): Actor {
    uses.note(key.id, source)
    return actorOf(key, source)
  }

  return {
    async authenticate(id, secret, source) {
      const key = await open(id)
      // Digests have equal length, so that comparing reveals nothing about the secret; an unknown
      // id is compared, too.
      const matches = timingSafeEqual(
        digestAccessKeySecret(id as AccessKeyId, secret),
        key?.secretDigest ?? placeholderDigest,
      )
      if (!key || !matches) throw chandlerError('AccessKeyInvalid', {})
      refuseUnusable(key)
      return admit(key, source)
    },
    async authenticateSigned({ accessKeyId, nonce, isSignedWith }, source) {
      const key = await open(accessKeyId)
      if (!key) throw chandlerError('AccessKeyUnknown', { id: accessKeyId })
      if (key.secret.kind === 'native') throw chandlerError('AccessKeyCannotSign', { id: key.id })
      if (!withSecret(key.secret.sealed, key.id, isSignedWith)) {
        throw chandlerError('SignatureInvalid', { reason: 'it was not created with the secret of the access key' })
      }
      refuseUnusable(key)
      await nonces.use(key, nonce)
      return admit(key, source)
    },
    async isUsable(id) {
      const key = await open(id)
      return key !== undefined && !key.disabled && !isExpired(key)
    },
    close: () => uses.close(),
    forget: (id) => void remembered.delete(id),
    forgetAll: () => remembered.clear(),
  }
}

const actorOf = ({ id, accountId, userName, policies }: OpenedKey, source: string): Actor => ({
  accountId,
  accessKeyId: id,
  name: userName,
  source,
  policies,
})

const placeholderDigest = Buffer.alloc(32)
