import { chandlerError } from '../../../core/error/errors.ts'
import { getJoinTokenByHash, type JoinToken } from '../../../store/instance/join-tokens.ts'
import type { AppContext } from '../context.ts'
import { hashJoinToken } from './create-join-token.ts'

/**
 * Finds a valid join token; consumes no use, and the caller checks whether one is left. Tokens are
 * looked up by digest, so that the duration reveals nothing about other tokens.
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
