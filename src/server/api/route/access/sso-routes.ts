import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ChandlerError, chandlerError } from '../../../../core/error/errors.ts'
import { signInMethodsSchema } from '../../../../protocol/api/sessions.ts'
import type { FailedSignIns } from '../../../app/access/failed-sign-ins.ts'
import type { Sessions } from '../../../app/access/sessions.ts'
import type { AppContext } from '../../../app/context.ts'
import type { SingleSignOn } from '../../api-options.ts'
import type { SessionCookie } from '../../http/session-cookie.ts'

interface SsoRouteParts {
  readonly sso: SingleSignOn | undefined
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  readonly failed: FailedSignIns
  readonly publicUrl: string | undefined
}

const tags = ['sessions']
const startPath = '/api/v1/session/sso'
const callbackPath = `${startPath}/callback`
const ssoCookie = 'chandler-sso'
/** The time to sign in at the provider. */
const pendingS = 600

/** Sign-in through the identity provider of the organisation (OpenID Connect). */
export function registerSsoRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'log'>,
  { sso, sessions, cookie, failed, publicUrl }: SsoRouteParts,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const originOf = ({ protocol, host }: FastifyRequest) => publicUrl ?? `${protocol}://${host}`
  const attributes = (request: FastifyRequest) =>
    // The provider's page leads back here: a strict cookie would not be sent.
    ({
      path: startPath,
      httpOnly: true,
      sameSite: 'lax',
      secure: originOf(request).startsWith('https:'),
    }) as const

  routes.get(
    '/api/v1/session/methods',
    {
      config: { open: true },
      schema: { tags, summary: 'List the ways to sign in', security: [], response: { 200: signInMethodsSchema } },
    },
    () => ({ password: true, ...(sso && { sso: { name: sso.name, path: startPath } }) }),
  )

  routes.get(
    startPath,
    {
      config: { open: true },
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Sign in through the identity provider',
        description: 'For browsers: redirects to the provider, which redirects back to the callback.',
        security: [],
        response: { 302: z.undefined() },
      },
    },
    async (request, reply) => {
      let target: string
      try {
        const { url, kept } = await requireSso(sso).begin(originOf(request) + callbackPath)
        reply.setCookie(ssoCookie, kept, { ...attributes(request), maxAge: pendingS })
        target = url
      } catch (error) {
        target = failurePath(error, request, context)
      }
      return reply.redirect(target, 302)
    },
  )

  routes.get(
    `${startPath}/sign-out`,
    {
      config: { open: true },
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Sign out at the identity provider',
        description:
          'For browsers, after the session of this server has ended: redirects to the provider, which asks the user, or to the console if the provider offers no sign-out.',
        security: [],
        response: { 302: z.undefined() },
      },
    },
    async (request, reply) => {
      const target = await sso?.signOutUrl(`${originOf(request)}/`)
      return reply.redirect(target ?? '/', 302)
    },
  )

  routes.get(
    callbackPath,
    {
      config: { open: true },
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Complete a sign-in through the identity provider',
        description: 'For browsers: begins a session and redirects to the console.',
        security: [],
        response: { 302: z.undefined() },
      },
    },
    async (request, reply) => {
      const kept = request.cookies[ssoCookie]
      // Always this path: a request cannot choose the page.
      let target = '/'
      reply.clearCookie(ssoCookie, attributes(request))
      try {
        if (kept === undefined) throw chandlerError('SsoNotStarted', {})
        // The public address, because the provider compares it with the one of the start.
        const identity = await requireSso(sso).finish(originOf(request) + request.url, kept)
        const session = await sessions.signInSso(
          identity,
          requireSso(sso),
          { source: request.ip, userAgent: request.headers['user-agent'] ?? '' },
          cookie.read(request),
        )
        cookie.set(request, reply, session.token, session.expiresAt)
      } catch (error) {
        if (error instanceof ChandlerError && error.status < 500) failed.refuse({ source: request.ip })
        target = failurePath(error, request, context)
      }
      return reply.redirect(target, 302)
    },
  )
}

/** @throws SsoNotConfigured */
export function requireSso(sso: SingleSignOn | undefined): SingleSignOn {
  if (!sso) throw chandlerError('SsoNotConfigured', {})
  return sso
}

/** The sign-in page with the code of the error; the log and the audit log have its reason. */
function failurePath(error: unknown, request: FastifyRequest, { log }: Pick<AppContext, 'log'>): string {
  if (!(error instanceof ChandlerError)) throw error
  request.noteRefusal(error)
  log.warn('a sign-in through the identity provider failed', { code: error.code, reason: error.message })
  return `/?signInError=${error.code}`
}
