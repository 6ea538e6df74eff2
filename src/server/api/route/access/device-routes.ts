import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ChandlerError, chandlerError } from '../../../../core/error/errors.ts'
import { maxSignInBodyBytes } from '../../../../core/limits.ts'
import { devicePollResultSchema, devicePollSchema, deviceSignInSchema } from '../../../../protocol/api/sessions.ts'
import type { FailedSignIns } from '../../../app/access/failed-sign-ins.ts'
import type { Sessions } from '../../../app/access/sessions.ts'
import type { AppContext } from '../../../app/context.ts'
import type { SingleSignOn } from '../../api-options.ts'
import { requireSso } from './sso-routes.ts'

interface DeviceRouteParts {
  readonly sso: SingleSignOn | undefined
  readonly sessions: Sessions
  readonly failed: FailedSignIns
}

/** RFC 8628: wait so much longer when the provider says so. */
const slowDownMs = 5_000
/** Each asks the provider: scripts cannot make the server ask it without end. */
const maxBegunPerMinute = 60

/** What the client brings back. Sealed, so that any server can continue, and no client can change it. */
const handleSchema = z.object({ deviceCode: z.string(), expiresAt: z.number(), intervalMs: z.number() })
const handleContext = 'device-sign-in'

/** Sign-in of programs at the identity provider: the user finishes it in a browser on any device. */
export function registerDeviceRoutes(
  api: FastifyInstance,
  { secrets, clock }: Pick<AppContext, 'secrets' | 'clock'>,
  { sso, sessions, failed }: DeviceRouteParts,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  let begun = { count: 0, sinceMs: clock.monotonicMs() }
  const countBegun = () => {
    if (clock.monotonicMs() - begun.sinceMs >= 60_000) begun = { count: 0, sinceMs: clock.monotonicMs() }
    begun.count += 1
    if (begun.count > maxBegunPerMinute) throw chandlerError('ServerBusy', {})
  }

  routes.post(
    '/api/v1/session-tokens/device',
    {
      config: { open: true },
      bodyLimit: maxSignInBodyBytes,
      schema: {
        tags: ['sessions'],
        summary: 'Begin to sign in a program at the identity provider',
        description: 'For programs without a browser (OAuth 2.0 device flow).',
        security: [],
        response: { 201: deviceSignInSchema },
      },
    },
    async (_request, reply) => {
      const provider = requireSso(sso)
      countBegun()
      const { deviceCode, lifetimeMs, verificationUriComplete, ...shown } = await provider.beginDevice()
      const expiresAt = clock.now() + lifetimeMs
      const handle = secrets
        .seal(JSON.stringify({ deviceCode, expiresAt, intervalMs: shown.intervalMs }), handleContext)
        .toString('base64url')
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({
          ...shown,
          ...(verificationUriComplete !== undefined && { verificationUriComplete }),
          handle,
          expiresAt: new Date(expiresAt).toISOString(),
        })
    },
  )

  routes.post(
    '/api/v1/session-tokens/device/poll',
    {
      config: { open: true },
      bodyLimit: maxSignInBodyBytes,
      schema: {
        tags: ['sessions'],
        summary: 'Ask whether the user has signed in at the identity provider',
        description: 'Returns the session when the user has finished.',
        security: [],
        body: devicePollSchema,
        response: { 200: devicePollResultSchema },
      },
    },
    async (request, reply) => {
      const provider = requireSso(sso)
      const source = request.ip
      try {
        const { deviceCode, intervalMs } = openHandle(request.body.handle)
        const answer = await provider.pollDevice(deviceCode)
        if (answer === 'pending') return { intervalMs }
        if (answer === 'slowDown') return { intervalMs: intervalMs + slowDownMs }
        const userAgent = request.headers['user-agent'] ?? ''
        const { token, actor, expiresAt } = await sessions.signInSso(answer, provider, { source, userAgent }, undefined)
        const session = { token, userName: actor.name, expiresAt: expiresAt.toISOString() }
        reply.header('cache-control', 'no-store')
        return { session, intervalMs }
      } catch (error) {
        if (error instanceof ChandlerError && error.status < 500) failed.refuse({ source })
        throw error
      }
    },
  )

  function openHandle(handle: string) {
    const text = openSealed(Buffer.from(handle, 'base64url'))
    const parsed = text === undefined ? undefined : handleSchema.safeParse(JSON.parse(text))
    if (!parsed?.success || parsed.data.expiresAt <= clock.now()) throw chandlerError('DeviceSignInUnknown', {})
    return parsed.data
  }

  /** Undefined: this server, or another one with its key, did not seal it. */
  function openSealed(sealed: Buffer): string | undefined {
    try {
      return secrets.open(sealed, handleContext).toString('utf8')
    } catch {
      return undefined
    }
  }
}
