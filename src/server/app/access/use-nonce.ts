import { chandlerError } from '../../../core/error/errors.ts'
import type { AccountId } from '../../../core/id.ts'
import { nonceKeptMs } from '../../../core/limits.ts'
import { deleteExpiredRequestNonces, insertRequestNonce } from '../../../store/access/request-nonces.ts'
import type { AppContext } from '../context.ts'

const sweepEveryMs = 60_000
/** More accounts than one server serves at once. */
const maxSwept = 1_000

/** Consumes the nonces of signed requests. */
export interface Nonces {
  /**
   * Consumes a nonce permanently. Only for requests with a valid signature, so that unauthenticated
   * clients cannot fill the table. @throws SignatureNonceUsed
   */
  use(key: { readonly accountId: AccountId; readonly id: string }, nonce: string): Promise<void>
}

/**
 * Only requests add rows, so requests also delete them: the first one of an account in each minute
 * deletes its expired nonces.
 */
export function createNonces({ database, clock }: Pick<AppContext, 'database' | 'clock'>): Nonces {
  const sweptAt = new Map<AccountId, number>()

  async function sweep(accountId: AccountId) {
    const last = sweptAt.get(accountId)
    if (last !== undefined && clock.monotonicMs() - last < sweepEveryMs) return
    if (sweptAt.size >= maxSwept) sweptAt.clear()
    sweptAt.set(accountId, clock.monotonicMs())
    await deleteExpiredRequestNonces(database, accountId)
  }

  return {
    async use({ accountId, id }, nonce) {
      const isNew = await insertRequestNonce(database, accountId, { accessKeyId: id, nonce, keptMs: nonceKeptMs })
      if (!isNew) throw chandlerError('SignatureNonceUsed', {})
      await sweep(accountId)
    },
  }
}
