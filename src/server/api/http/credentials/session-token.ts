import type { FastifyRequest } from 'fastify'
import { sessionTokenId } from '../../../../protocol/api/sessions.ts'
import type { SessionCookie } from '../session-cookie.ts'
import { parseAuthorization } from './parse-authorization.ts'

/**
 * The token of the session of a request, from its Authorization header or, without one, from the
 * cookie. Undefined: the request uses an access key or nothing.
 */
export function findSessionToken(cookie: Pick<SessionCookie, 'read'>, request: FastifyRequest): string | undefined {
  if (request.headers.authorization === undefined) return cookie.read(request)
  const key = parseAuthorization(request.headers.authorization)
  return key?.id === sessionTokenId ? key.secret : undefined
}
