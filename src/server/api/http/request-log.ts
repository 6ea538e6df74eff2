import type { FastifyInstance } from 'fastify'
import { type Logger, withLogFields } from '../../../lib/logger.ts'
import { clipForeignText } from '../../../lib/redact.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The operation of an API that has one path for all of them. */
    operation?: string | undefined
    /** The same, once it is known to be one of this API's operations. */
    knownOperation?: string | undefined
  }
}

/**
 * Logs one line per request, without its query (which contains signatures), its headers and its
 * body.
 */
export function registerRequestLog(api: FastifyInstance, log: Logger): void {
  api.decorateRequest('operation', undefined)
  // Every line that is written on behalf of the request names it. Twice, because the parts of a body arrive in the
  // context of the connection.
  api.addHook('onRequest', ({ id }, _reply, done) => withLogFields({ requestId: id }, done))
  api.addHook('preValidation', ({ id }, _reply, done) => withLogFields({ requestId: id }, done))
  api.addHook('onResponse', async (request, reply) => {
    const level = quiet.has(request.routeOptions.url ?? '') && reply.statusCode < 400 ? 'debug' : 'info'
    log[level]('request', {
      requestId: request.id,
      method: request.method,
      path: pathOf(request.url),
      operation: request.operation,
      status: reply.statusCode,
      tookMs: Math.round(reply.elapsedTime * 10) / 10,
      // `null` on open routes.
      actor: (request.actor as { name: string } | null)?.name,
      source: request.ip,
    })
  })
}

/** Truncated before it is parsed: a URL may have 256 KiB. */
const pathOf = (url: string) => clipForeignText(url).split('?', 1)[0]

/** Monitoring polls these every few seconds. */
const quiet = new Set(['/healthz', '/readyz', '/metrics'])
