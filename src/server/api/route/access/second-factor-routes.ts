import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ChandlerError } from '../../../../core/error/errors.ts'
import {
  recoveryCodesSchema,
  secondFactorCodeSchema,
  secondFactorRequestSchema,
  secondFactorSchema,
  secondFactorSecretSchema,
} from '../../../../protocol/api/second-factor.ts'
import type { FailedSignIns } from '../../../app/access/failed-sign-ins.ts'
import {
  beginSecondFactor,
  disableSecondFactor,
  enableSecondFactor,
  removeSecondFactor,
  showSecondFactor,
} from '../../../app/access/second-factor/change-second-factor.ts'
import type { AppContext } from '../../../app/context.ts'
import { findSessionToken } from '../../http/credentials/session-token.ts'
import type { SessionCookie } from '../../http/session-cookie.ts'

interface SecondFactorParts {
  readonly cookie: SessionCookie
  readonly failed: FailedSignIns
  readonly forgetAll: () => void
}

const tags = ['users']
const params = z.object({ name: z.string().min(1).max(64) })
const path = '/api/v1/users/:name/second-factor'

/** The second factor of the caller, and its removal by administrators. */
export function registerSecondFactorRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'secrets' | 'random' | 'clock' | 'region' | 'accountName' | 'passwordCost'>,
  { cookie, failed, forgetAll }: SecondFactorParts,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  /** Passwords and codes can be guessed: few attempts, as when signing in. */
  const guard = <Result>(request: FastifyRequest, change: () => Promise<Result>) =>
    failed.guard({ source: request.ip, subject: `user/${request.actor.name}` }, change, isWrong)

  routes.get(
    path,
    {
      config: { access: 'use-case' },
      schema: {
        tags,
        summary: 'Get the second factor of a user',
        description: 'Another user’s requires ram:GetUserMFAInfo.',
        params,
        response: { 200: secondFactorSchema },
      },
    },
    async ({ actor, params: { name } }) => {
      const { enabledAt, ...state } = await showSecondFactor(context, actor, name)
      return { ...state, ...(enabledAt && { enabledAt: enabledAt.toISOString() }) }
    },
  )

  routes.post(
    '/api/v1/second-factor',
    {
      config: { access: 'any-user' },
      schema: {
        tags,
        summary: 'Begin to set up a second factor',
        description: 'For the caller. It takes effect when a code of the app confirms it.',
        body: secondFactorRequestSchema,
        response: { 201: secondFactorSecretSchema },
      },
    },
    async (request, reply) => {
      const issuer = `Chandler ${request.host}`
      const { password } = request.body
      const made = await guard(request, () => beginSecondFactor(context, request.actor, { password, issuer }))
      return reply.code(201).header('cache-control', 'no-store').send(made)
    },
  )

  routes.post(
    '/api/v1/second-factor/enable',
    {
      config: { access: 'any-user' },
      schema: {
        tags,
        summary: 'Enable a second factor',
        description: 'Ends the other sessions of the caller. Returns the recovery codes, which are not shown again.',
        body: secondFactorCodeSchema,
        response: { 200: recoveryCodesSchema },
      },
    },
    async (request, reply) => {
      const token = findSessionToken(cookie, request)
      const { code } = request.body
      const { recoveryCodes } = await guard(request, () => enableSecondFactor(context, request.actor, { code, token }))
      forgetAll()
      return reply.header('cache-control', 'no-store').send({ recoveryCodes: [...recoveryCodes] })
    },
  )

  routes.post(
    '/api/v1/second-factor/disable',
    {
      config: { access: 'any-user' },
      schema: {
        tags,
        summary: 'Remove your second factor',
        body: secondFactorCodeSchema,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await guard(request, () => disableSecondFactor(context, request.actor, request.body.code))
      return reply.code(204).send()
    },
  )

  routes.delete(
    path,
    {
      config: { access: [{ action: 'ram:UnbindMFADevice', on: 'user/{params.name}' }] },
      schema: {
        tags,
        summary: 'Remove the second factor of a user who has lost it',
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await removeSecondFactor(context, request.actor, request.params.name)
      return reply.code(204).send()
    },
  )
}

const isWrong = (error: unknown) =>
  error instanceof ChandlerError && ['PasswordWrong', 'SecondFactorWrong'].includes(error.code)
