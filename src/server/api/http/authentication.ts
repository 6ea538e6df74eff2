import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { sessionTokenId } from '../../../protocol/api/sessions.ts'
import type { Authenticator } from '../../app/access/authenticate.ts'
import type { FailedSignIns } from '../../app/access/failed-sign-ins.ts'
import type { Sessions } from '../../app/access/sessions.ts'
import type { Actor } from '../../app/context.ts'
import { parseAuthorization } from './credentials/parse-authorization.ts'
import { markProven } from './guard-connections.ts'
import { refuseForeignPage } from './refuse-foreign-page.ts'
import type { SessionCookie } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The authenticated user. Absent only on open routes. */
    actor: Actor
    /**
     * Authenticates again while a response is still being sent. @throws Unauthenticated,
     * SessionEnded and others if access was revoked meanwhile
     */
    authenticateAgain(): Promise<Actor>
  }
  interface FastifyContextConfig {
    /** No access key is required. A test lists every route that has this. */
    open?: true
    /** The route parses its own query, which may be longer than the usual limit. */
    ownQuery?: true
  }
}

/**
 * Every route requires an access key (HTTP Basic, or `Bearer <id>:<secret>`), the token of a session
 * (`Bearer session:<token>`) or a session cookie, unless it has `config: { open: true }` or `isOpen` exempts it. Runs before the body is read.
 */
export function registerAuthentication(
  api: FastifyInstance,
  authenticator: Authenticator,
  failed: FailedSignIns,
  isOpen: (url: string) => boolean,
  sessions: Sessions,
  cookie: SessionCookie,
): void {
  api.decorateRequest('actor', null as never)
  api.decorateRequest('authenticateAgain', function authenticateAgain(this: FastifyRequest) {
    // A response that is still being sent, such as an event stream, does not count as new use of
    // the session.
    return identify(this, false)
  })
  api.addHook('onRequest', async (request, reply) => {
    if (request.is404 || request.routeOptions.config.open || isOpen(request.routeOptions.url ?? '')) return
    request.actor = await signIn(request, reply)
    markProven(request)
  })

  async function signIn(request: FastifyRequest, reply: FastifyReply): Promise<Actor> {
    try {
      return await identify(request)
    } catch (error) {
      const key = parseAuthorization(request.headers.authorization)
      if (error instanceof ChandlerError && error.status === 401) {
        if (key)
          failed.refuse({ source: request.ip, subject: key.id === sessionTokenId ? undefined : `access-key/${key.id}` })
        if (key || cookie.read(request) === undefined) challenge(reply)
      }
      throw error
    }
  }

  async function identify(request: FastifyRequest, isUse = true): Promise<Actor> {
    const source = request.ip
    const isSecure = request.protocol === 'https'
    const key = parseAuthorization(request.headers.authorization)
    // A page of another site cannot send this header: no check of its origin.
    if (key?.id === sessionTokenId) return { ...(await sessions.open(key.secret, source, isUse)).actor, isSecure }
    if (key) return { ...(await authenticator.authenticate(key.id, key.secret, source)), isSecure }
    const token = cookie.read(request)
    if (token === undefined) throw chandlerError('Unauthenticated', {})
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignPage(request)
    return { ...(await sessions.open(token, source, isUse)).actor, isSecure }
  }
}

/**
 * Not `Basic`, although it is supported: a browser would show its own dialog before the console's.
 */
const challenge = (reply: FastifyReply) => reply.header('www-authenticate', 'Bearer realm="chandler"')
