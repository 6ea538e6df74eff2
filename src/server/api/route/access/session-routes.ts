import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ChandlerError, chandlerError } from '../../../../core/error/errors.ts'
import { maxSignInBodyBytes } from '../../../../core/limits.ts'
import {
  passwordChangeSchema,
  sessionSchema,
  sessionTokenSchema,
  signInSchema,
} from '../../../../protocol/api/sessions.ts'
import type { FailedSignIns } from '../../../app/access/failed-sign-ins.ts'
import type { Session, Sessions } from '../../../app/access/sessions.ts'
import { setPassword } from '../../../app/access/set-password.ts'
import { showAccount } from '../../../app/access/show-account.ts'
import type { AppContext } from '../../../app/context.ts'
import { findSessionToken } from '../../http/credentials/session-token.ts'
import { refuseForeignPage } from '../../http/refuse-foreign-page.ts'
import type { SessionCookie } from '../../http/session-cookie.ts'

interface SessionRouteParts {
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  readonly failed: FailedSignIns
  readonly version: string
  readonly forgetAll: () => void
}

const tags = ['sessions']

/** Sign-in with name and password, as the console does. */
export function registerSessionRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName' | 'random'>,
  { sessions, cookie, failed, version, forgetAll }: SessionRouteParts,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const present = ({ actor: { accountId, name, roles = [], policies }, expiresAt, sso }: Session) => ({
    accountId: showAccount(context, accountId),
    userName: name,
    region: context.region,
    version,
    administrator: policies === 'everything',
    policies: policies === 'everything' ? [] : policies.map((policy) => policy.name),
    ...(roles.length > 0 && { roles: [...roles] }),
    expiresAt: expiresAt.toISOString(),
    sso,
  })

  routes.post(
    '/api/v1/session',
    {
      config: { open: true },
      bodyLimit: maxSignInBodyBytes,
      schema: {
        tags,
        summary: 'Sign in with name and password',
        description: 'Sets a session cookie. Use access keys for programs.',
        body: signInSchema,
        response: { 201: sessionSchema },
      },
    },
    async (request, reply) => {
      refuseForeignPage(request)
      const source = request.ip
      const session = await failed.guard(
        { source, subject: `user/${request.body.userName}` },
        () =>
          sessions.signIn(
            { ...request.body, source, userAgent: request.headers['user-agent'] ?? '' },
            cookie.read(request),
          ),
        isWrongPassword,
      )
      cookie.set(request, reply, session.token, session.expiresAt)
      return reply.code(201).send(present(session))
    },
  )

  routes.post(
    '/api/v1/session-tokens',
    {
      config: { open: true },
      bodyLimit: maxSignInBodyBytes,
      schema: {
        tags,
        summary: 'Sign in a program with name and password',
        description:
          'Begins a session as the console does, and returns its token. Unattended programs use access keys.',
        security: [],
        body: signInSchema,
        response: { 201: sessionTokenSchema },
      },
    },
    async (request, reply) => {
      const source = request.ip
      const who = { ...request.body, source, userAgent: request.headers['user-agent'] ?? '' }
      const { token, actor, expiresAt } = await failed.guard(
        { source, subject: `user/${who.userName}` },
        () => sessions.signIn(who, undefined),
        isWrongPassword,
      )
      const view = { token, userName: actor.name, expiresAt: expiresAt.toISOString() }
      return reply.code(201).header('cache-control', 'no-store').send(view)
    },
  )

  routes.get(
    '/api/v1/session',
    {
      config: { access: 'any-user' },
      schema: { tags, summary: 'Get the current session', response: { 200: sessionSchema } },
    },
    async (request) => present(await sessions.open(tokenOf(cookie, request), request.ip)),
  )

  routes.delete(
    '/api/v1/session',
    { config: { access: 'any-user' }, schema: { tags, summary: 'Sign out', response: { 204: z.undefined() } } },
    async (request, reply) => {
      await sessions.end(tokenOf(cookie, request), request.ip)
      forgetAll()
      cookie.clear(request, reply)
      return reply.code(204).send()
    },
  )

  routes.put(
    '/api/v1/users/:name/password',
    {
      config: { access: 'use-case' },
      schema: {
        tags: ['users'],
        summary: 'Set the password of a user',
        description:
          'Ends all other sessions of the user. Your own password requires the current one. Another user’s password, or your own with an access key and without the current one, requires ram:UpdateLoginProfile.',
        params: z.object({ name: z.string().min(1).max(64) }),
        body: passwordChangeSchema,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { password, oldPassword } = request.body
      const token = findSessionToken(cookie, request)
      const userName = request.params.name
      await failed.guard(
        { source: request.ip, subject: `user/${userName}` },
        () => setPassword(context, request.actor, { userName, password, oldPassword, token }),
        isWrongPassword,
      )
      forgetAll()
      return reply.code(204).send()
    },
  )
}

const wrongCredentials = ['SignInFailed', 'PasswordWrong', 'SecondFactorWrong']
const isWrongPassword = (error: unknown) => error instanceof ChandlerError && wrongCredentials.includes(error.code)

/**
 * @throws Unauthenticated if the request uses an access key, which has no session
 */
function tokenOf(cookie: SessionCookie, request: FastifyRequest): string {
  const token = findSessionToken(cookie, request)
  if (token === undefined) throw chandlerError('Unauthenticated', {})
  return token
}
