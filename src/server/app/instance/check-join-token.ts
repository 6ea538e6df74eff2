import { chandlerError } from '../../../core/error/errors.ts'
import { getJoinTokenByHash, type JoinToken } from '../../../store/instance/join-tokens.ts'
import type { AppContext } from '../context.ts'
import { hashJoinToken } from './create-join-token.ts'

/**
 * The join token with this text, if it still counts; nothing of it is used up, and whether a use is left is the caller's question. It is
 * looked for by its digest: how long that takes says nothing about the texts of others.
 * @throws JoinTokenInvalid, JoinTokenRevoked, JoinTokenExpired
 */
export async function checkJoinToken(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  text: string,
): Promise<JoinToken> {
  const token = await getJoinTokenByHash(database, hashJoinToken(text))
  if (!token) throw chandlerError('JoinTokenInvalid', {})
  if (token.revokedAt) throw chandlerError('JoinTokenRevoked', {})
  if (token.expiresAt.getTime() <= clock.now())
    throw chandlerError('JoinTokenExpired', { expiredAt: token.expiresAt.toISOString() })
  return token
}
