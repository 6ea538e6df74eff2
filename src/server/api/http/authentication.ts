import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import type { Authenticator } from '../../app/access/authenticate.ts'
import type { FailedSignIns } from '../../app/access/failed-sign-ins.ts'
import type { Sessions } from '../../app/access/sessions.ts'
import type { Actor } from '../../app/context.ts'
import { markProven } from './guard-connections.ts'
import { refuseForeignPage } from './refuse-foreign-page.ts'
import type { SessionCookie } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Only there on routes that need an access key, which is all but the open ones. */
    actor: Actor
    /** Who asks now, while the answer still goes on. @throws Unauthenticated, SessionEnded and the like if they may not any more */
    authenticateAgain(): Promise<Actor>
  }
  interface FastifyContextConfig {
    /** Anyone may ask, without an access key. Every route that has this is listed in a test. */
    open?: true
    /** It reads its query itself, which may be longer than that of others. */
    ownQuery?: true
  }
}

/**
 * Every route needs an access key (HTTP Basic, or `Bearer <id>:<secret>`) or the cookie of a session, unless it says `config: { open: true }` or
 * `isOpen` says so. This comes before anything of the body is read.
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
    // An answer that goes on, as an event stream does, is no new use of the session.
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
        if (key) failed.refuse({ source: request.ip, subject: `access-key/${key.id}` })
        if (key || cookie.read(request) === undefined) challenge(reply)
      }
      throw error
    }
  }

  async function identify(request: FastifyRequest, isUse = true): Promise<Actor> {
    const source = request.ip
    const isSecure = request.protocol === 'https'
    const key = parseAuthorization(request.headers.authorization)
    if (key) return { ...(await authenticator.authenticate(key.id, key.secret, source)), isSecure }
    const token = cookie.read(request)
    if (token === undefined) throw chandlerError('Unauthenticated', {})
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignPage(request)
    return { ...(await sessions.open(token, source, isUse)).actor, isSecure }
  }
}

/** Not `Basic`, though that is understood: a browser would put its own dialogue in front of the console's. */
const challenge = (reply: FastifyReply) => reply.header('www-authenticate', 'Bearer realm="chandler"')

export function parseAuthorization(
  header: string | undefined,
): { readonly id: string; readonly secret: string } | undefined {
  const [, scheme = '', credentials = ''] = /^(basic|bearer) +(\S+) *$/i.exec(header ?? '') ?? []
  if (scheme === '') return undefined
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString('utf8') : credentials
  const colon = text.indexOf(':')
  // Ids with other letters are no one's; a NUL would not even be a question for the database.
  if (colon < 1 || !/^[\w.-]{1,128}$/.test(text.slice(0, colon))) return { id: '-', secret: '' }
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}
