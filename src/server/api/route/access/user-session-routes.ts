import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pageOf } from '../../../../protocol/api/page.ts'
import {
  endedSessionsSchema,
  endSessionsQuerySchema,
  userSessionSchema,
  userSessionsQuerySchema,
} from '../../../../protocol/api/user-sessions.ts'
import { sessionIdOf } from '../../../app/access/sessions.ts'
import { endSession, endSessionsOf, listSessions } from '../../../app/access/user-sessions.ts'
import type { AppContext } from '../../../app/context.ts'
import { findSessionToken } from '../../http/credentials/session-token.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'
import type { SessionCookie } from '../../http/session-cookie.ts'

const tags = ['sessions']

/** Lists and ends sessions: one's own, or with a permission those of other users. */
export function registerUserSessionRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock' | 'region'>,
  { cookie, forgetAll }: { readonly cookie: SessionCookie; readonly forgetAll: () => void },
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const tokenOf = (request: FastifyRequest) => findSessionToken(cookie, request)

  routes.get(
    '/api/v1/sessions',
    {
      config: { access: 'use-case' },
      schema: {
        tags,
        summary: 'List console sessions',
        description: 'Returns active sessions. Listing the sessions of other users requires ram:GetLoginProfile.',
        querystring: userSessionsQuerySchema,
        response: { 200: pageOf(userSessionSchema) },
      },
    },
    async (request) => {
      const { maxResults, nextToken, user } = request.query
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listSessions(context, request.actor, { user, after, limit: maxResults + 1 })
      const token = tokenOf(request)
      const current = token === undefined ? undefined : sessionIdOf(token)
      return makePage(
        rows,
        maxResults,
        ({ id }) => [id],
        ({ createdAt, lastUsedAt, expiresAt, ...session }) => ({
          ...session,
          createdAt: createdAt.toISOString(),
          lastUsedAt: lastUsedAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          current: session.id === current,
        }),
      )
    },
  )

  routes.delete(
    '/api/v1/sessions/:id',
    {
      config: { access: 'use-case' },
      schema: {
        tags,
        summary: 'End a session',
        description:
          'Ends the session and its event streams, immediately on this server and within 10 s on other servers. Ending sessions of other users requires ram:UpdateLoginProfile.',
        params: z.object({ id: z.string().min(1).max(64) }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await endSession(context, request.actor, request.params.id)
      forgetAll()
      return reply.code(204).send()
    },
  )

  routes.delete(
    '/api/v1/sessions',
    {
      config: { access: 'use-case' },
      schema: {
        tags,
        summary: 'End the sessions of a user',
        description:
          'Ends all sessions except the one that sends the request. Ending sessions of other users requires ram:UpdateLoginProfile.',
        querystring: endSessionsQuerySchema,
        response: { 200: endedSessionsSchema },
      },
    },
    async (request) => {
      const count = await endSessionsOf(context, request.actor, request.query.user, tokenOf(request))
      forgetAll()
      return { count }
    },
  )
}
