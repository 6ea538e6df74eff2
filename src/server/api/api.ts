/**
 * HTTP in: parse, authorise, call app, present. One file per resource, each with
 *
 *   export function registerThingRoutes(api: FastifyInstance, context: Pick<AppContext, …>): void {
 *     const routes = api.withTypeProvider<ZodTypeProvider>()
 *     routes.get('/api/v1/things/:id', {
 *       config: { access: [{ action: 'oos:GetThing', on: 'thing/{params.id}' }] },
 *       schema: { tags: ['things'], summary: '…', params, querystring, body, response } },
 *       async (request) => present(await readThing(context, request.actor, request.params.id)))
 *   }
 *
 * and a line in `createApi`. Paths are written in full. Every route requires an access key unless
 * its config has `open: true`; `request.actor` is the authenticated user, and `access` in the
 * config lists the required permissions (authorisation.ts). Queries and bodies are strict objects,
 * so that a misspelt field is an error. Handlers throw catalogue errors, which become problem
 * documents.
 */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { chandlerError } from '../../core/error/errors.ts'
import { maxApiBodyBytes, maxQueryBytes, maxRequestHeadBytes, requestHeadTimeoutMs } from '../../core/limits.ts'
import { createPeerReader } from '../../lib/peer/read-peer.ts'
import { createAccessEvents } from '../app/access/access-events.ts'
import { type Authenticator, createAuthenticator } from '../app/access/authenticate.ts'
import { defaultAccountId } from '../app/access/bootstrap.ts'
import { createFailedSignIns } from '../app/access/failed-sign-ins.ts'
import { createSessions } from '../app/access/sessions.ts'
import type { ApiOptions } from './api-options.ts'
import { createUnreadableHandler } from './http/answer-unreadable.ts'
import { registerAuthentication } from './http/authentication.ts'
import { registerAuthorisation } from './http/authorisation.ts'
import { explainAndLog, registerErrorHandling, sendError } from './http/error-handling.ts'
import { guardConnections, markProven } from './http/guard-connections.ts'
import { parseJsonBody } from './http/json-body.ts'
import { limitRequestTime } from './http/limit-request-time.ts'
import { registerListChanges } from './http/list-changes.ts'
import { measureRequests } from './http/measure-requests.ts'
import { registerOpenApi } from './http/openapi.ts'
import { registerPeers } from './http/register-peers.ts'
import { registerRequestLog } from './http/request-log.ts'
import { registerSecurityHeaders } from './http/security-headers.ts'
import { createSessionCookie } from './http/session-cookie.ts'
import { surfaceStrategy } from './http/surface-strategy.ts'
import { registerAccessEvents } from './route/access/access-event-hook.ts'
import { registerAccessKeyRoutes } from './route/access/access-key-routes.ts'
import { registerAuditLogRoutes } from './route/access/audit-log-routes.ts'
import { registerDeviceRoutes } from './route/access/device-routes.ts'
import { registerPermissionRoutes } from './route/access/permission-routes.ts'
import { registerPolicyRoutes } from './route/access/policy-routes.ts'
import { registerPrincipalRoutes } from './route/access/principal-routes.ts'
import { registerSecondFactorRoutes } from './route/access/second-factor-routes.ts'
import { registerSecretRoutes } from './route/access/secret-routes.ts'
import { registerSessionRoutes } from './route/access/session-routes.ts'
import { registerSsoRoutes } from './route/access/sso-routes.ts'
import { registerStreamAccess } from './route/access/stream-access.ts'
import { registerUserSessionRoutes } from './route/access/user-session-routes.ts'
import { registerWhoamiRoutes } from './route/access/whoami-routes.ts'
import { type ArtifactRouteContext, registerArtifactRoutes } from './route/artifact/artifact-routes.ts'
import { registerBucketRoutes } from './route/artifact/bucket-routes.ts'
import { registerObjectRoutes } from './route/artifact/object-routes.ts'
import { registerUploadRoutes } from './route/artifact/upload-routes.ts'
import { registerAssignmentRoutes } from './route/assignment/assignment-routes.ts'
import { registerValueRoutes } from './route/assignment/value-routes.ts'
import { registerApprovalRoutes } from './route/execution/approval-routes.ts'
import { registerExecutionEventRoutes } from './route/execution/execution-event-routes.ts'
import { registerExecutionRoutes } from './route/execution/execution-routes.ts'
import { registerFailureRoutes } from './route/execution/failure-routes.ts'
import { registerOutputRoutes } from './route/execution/output-routes.ts'
import { registerPlanRoutes } from './route/execution/plan-routes.ts'
import { registerPlanSignatureRoutes } from './route/execution/plan-signature-routes.ts'
import { registerRollbackRoutes } from './route/execution/rollback-routes.ts'
import { registerTaskOutputRoutes } from './route/execution/task-output-routes.ts'
import { registerTaskRoutes } from './route/execution/task-routes.ts'
import { registerChannelRoutes } from './route/extension/channel-routes.ts'
import { registerExtensionRoutes } from './route/extension/extension-routes.ts'
import { registerLintRoutes } from './route/extension/lint-routes.ts'
import { registerVersionRoutes } from './route/extension/version-routes.ts'
import { registerVersionSignatureRoutes } from './route/extension/version-signature-routes.ts'
import { registerEnrolmentRoutes } from './route/instance/enrolment-routes.ts'
import { registerGroupRoutes } from './route/instance/group-routes.ts'
import { registerInstanceDetailRoutes } from './route/instance/instance-detail-routes.ts'
import { registerInstanceListRoutes } from './route/instance/instance-list-routes.ts'
import { registerInstanceRoutes } from './route/instance/instance-routes.ts'
import { registerJoinTokenRoutes } from './route/instance/join-token-routes.ts'
import { registerWebhookRoutes } from './route/notification/webhook-routes.ts'
import { type AgentBundleRouteContext, registerAgentBundleRoutes } from './route/server/agent-bundle-routes.ts'
import { registerCaRoutes } from './route/server/ca-routes.ts'
import { registerEventRoutes } from './route/server/event-routes.ts'
import { registerMetricsRoutes } from './route/server/metrics-routes.ts'
import { registerOverviewRoutes } from './route/server/overview-routes.ts'
import { registerServerRoutes } from './route/server/server-routes.ts'
import { registerFreezeRoutes } from './route/timing/freeze-routes.ts'
import { registerScheduleRoutes } from './route/timing/schedule-routes.ts'
import { registerAgentSignatureRoutes } from './route/trust/agent-signature-routes.ts'
import { registerTrustFileRoutes } from './route/trust/trust-file-routes.ts'
import type { StreamContext } from './stream/stream-context.ts'
import { registerStreamRoutes } from './stream/stream-routes.ts'
import { traceRequests } from './trace-requests.ts'

export type ApiContext = StreamContext &
  Pick<ArtifactRouteContext, 'verifyArtifactAddress'> &
  Pick<AgentBundleRouteContext, 'agentBundles'>

/** Creates the HTTP server with all routes; the caller makes it listen. */
export async function createApi(context: ApiContext, options: ApiOptions): Promise<FastifyInstance> {
  const { clock } = context
  const log = context.log.child({ part: 'api' })
  const { tls } = options
  const answerUnreadable = createUnreadableHandler({ log, clock })
  /** Fastify attaches its handler only to servers that it creates itself. */
  const listenTo = (server: Server) => server.on('clientError', answerUnreadable)
  const api = Fastify({
    ...(tls && { serverFactory: (handler: RequestListener) => listenTo(tls.createServer(handler)) }),
    bodyLimit: maxApiBodyBytes,
    // Paths contain names of extensions and files.
    routerOptions: {
      maxParamLength: 512,
      ignoreTrailingSlash: true,
      // A longer query is rejected below; the OOS API, whose calls may be longer, parses its own.
      querystringParser: (query) => (query.length > maxQueryBytes ? {} : { ...parseQuery(query) }),
    },
    clientErrorHandler: answerUnreadable,
    http: {
      maxHeaderSize: maxRequestHeadBytes,
      headersTimeout: requestHeadTimeoutMs,
      connectionsCheckingInterval: requestHeadTimeoutMs / 2,
    },
    // Clients of OOS expect a UUID in upper case as the request id.
    genReqId: ({ url = '' }) =>
      /^\/(\?|$)/.test(url)
        ? randomUUID().toUpperCase()
        : `req-${Buffer.from(context.random(9)).toString('base64url')}`,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, log),
    forceCloseConnections: 'idle',
  })
  api.addConstraintStrategy(surfaceStrategy)
  closeWhatBecomesIdle(api)
  api.setValidatorCompiler(validatorCompiler)
  api.setSerializerCompiler(serializerCompiler)
  const peers = options.peers ?? createPeerReader()
  guardConnections(api.server, peers, clock)
  registerPeers(api, peers)
  registerErrorHandling(api, { log, clock })
  if (options.tracer) traceRequests(api, options.tracer)
  registerRequestLog(api, log)
  if (options.onRequestEnd) measureRequests(api, options.onRequestEnd)
  registerSecurityHeaders(api, tls?.hstsMs)
  registerListChanges(api, context)
  api.removeAllContentTypeParsers()
  api.addContentTypeParser<Buffer>(
    /^application\/(?:[\w.-]+\+)?json\b/,
    { parseAs: 'buffer' },
    (_request, body, done) => {
      try {
        done(null, body.length === 0 ? undefined : parseJsonBody(body))
      } catch (error) {
        done(error as Error)
      }
    },
  )
  const { opened } = options
  if (opened) api.addHook('onRequest', () => opened)
  api.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (request.url.includes('%00'))
      throw chandlerError('RequestInvalid', { reason: 'its address holds a NUL character' })
    const queryStart = request.url.indexOf('?') + 1
    const isTooLong = queryStart > 0 && request.url.length - queryStart > maxQueryBytes
    if (isTooLong && !request.routeOptions.config.ownQuery)
      throw chandlerError('RequestInvalid', { reason: `its query is longer than ${maxQueryBytes} bytes` })
  })
  await api.register(fastifyCookie)
  const keys = createAuthenticator(context)
  const sessions = createSessions(context, defaultAccountId)
  const cookie = createSessionCookie(options.publicUrl)
  const streams = registerStreamAccess(api, { authenticator: keys, sessions, cookie, clock, log })
  const authenticator: Authenticator = {
    ...keys,
    forget(id) {
      keys.forget(id)
      streams.recheck()
    },
    forgetAll() {
      for (const one of [keys, sessions]) one.forgetAll()
      streams.recheck()
    },
  }
  api.addHook('onClose', () => keys.close())
  registerAccessEvents(api, createAccessEvents({ ...context, log }, defaultAccountId))
  const failed = createFailedSignIns(clock, (kind) => context.measurements?.authenticationFailed(kind))
  registerAuthentication(api, authenticator, failed, isOpen, sessions, cookie)
  limitRequestTime(api, clock)
  registerAuthorisation(api, context, isOpen)
  await registerOpenApi(api, options.version)

  registerServerRoutes(api, context, options)
  if (options.metrics) registerMetricsRoutes(api, options.metrics)
  registerCaRoutes(api, tls?.identity)
  registerEnrolmentRoutes(api, context, failed)
  registerAgentBundleRoutes(api, context, failed)
  registerWhoamiRoutes(api, context)
  registerPermissionRoutes(api, context)
  registerSessionRoutes(api, context, {
    sessions,
    cookie,
    failed,
    version: options.version,
    forgetAll: authenticator.forgetAll,
  })
  registerSsoRoutes(api, context, { sso: options.sso, sessions, cookie, failed, publicUrl: options.publicUrl })
  registerDeviceRoutes(api, context, { sso: options.sso, sessions, failed })
  registerSecondFactorRoutes(api, context, { cookie, failed, forgetAll: authenticator.forgetAll })
  registerUserSessionRoutes(api, context, { cookie, forgetAll: authenticator.forgetAll })
  registerAccessKeyRoutes(api, context, authenticator)
  registerPrincipalRoutes(api, context, authenticator)
  registerPolicyRoutes(api, context, authenticator)
  registerJoinTokenRoutes(api, context, { publicUrl: options.publicUrl, peers, identity: tls?.identity })
  registerInstanceListRoutes(api, context)
  registerInstanceRoutes(api, context)
  registerInstanceDetailRoutes(api, context)
  registerExtensionRoutes(api, context)
  registerVersionRoutes(api, context)
  registerVersionSignatureRoutes(api, context)
  registerTrustFileRoutes(api, context)
  registerAgentSignatureRoutes(api, context)
  registerLintRoutes(api)
  registerArtifactRoutes(api, context)
  registerUploadRoutes(api, context)
  registerBucketRoutes(api, context)
  registerObjectRoutes(api, context)
  registerPlanRoutes(api, context)
  registerExecutionRoutes(api, context)
  registerRollbackRoutes(api, context)
  registerApprovalRoutes(api, context)
  registerPlanSignatureRoutes(api, context)
  registerFreezeRoutes(api, context)
  registerScheduleRoutes(api, context)
  registerWebhookRoutes(api, context)
  registerGroupRoutes(api, context)
  registerAssignmentRoutes(api, context)
  registerValueRoutes(api, context)
  registerSecretRoutes(api, context)
  registerChannelRoutes(api, context)
  registerTaskRoutes(api, context)
  registerFailureRoutes(api, context)
  registerTaskOutputRoutes(api, context)
  registerOutputRoutes(api, context)
  registerExecutionEventRoutes(api, context)
  registerEventRoutes(api, context)
  registerStreamRoutes(api, context)
  registerAuditLogRoutes(api, context)
  registerOverviewRoutes(api, context)
  const parts = {
    authenticator,
    failed,
    explainError: (error: unknown, request: FastifyRequest) => explainAndLog(error, request, log),
    proven: markProven,
  }
  for (const surface of options.surfaces ?? []) await surface(api, parts)
  return api
}

/**
 * Fastify closes connections that are idle at that moment; this also closes those that become idle
 * later.
 */
function closeWhatBecomesIdle(api: FastifyInstance) {
  // Node.js does not count a connection as idle before its first request: browsers open some in
  // advance.
  const connections = new Set<IncomingMessage['socket']>()
  api.server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  api.addHook('preClose', async () => {
    const timer = setInterval(() => {
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
      api.server.closeIdleConnections()
    }, 50)
    api.server.once('close', () => clearInterval(timer))
  })
}

/** Downloads carry their permission in their URL; a library serves the pages of /docs. */
const isOpen = (url: string) => url.startsWith('/artifacts/') || url === '/docs' || url.startsWith('/docs/')
