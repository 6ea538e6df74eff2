import type { FastifyInstance } from 'fastify'
import type { Logger } from '../../../lib/logger.ts'
import { clipForeignText } from '../../../lib/redact.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of an API that has one address for all of them. */
    operation?: string | undefined
  }
}

/** One line per request, without its query (signatures are in there), its headers and its body. */
export function registerRequestLog(api: FastifyInstance, log: Logger): void {
  api.decorateRequest('operation', undefined)
  api.addHook('onResponse', async (request, reply) => {
    const level = quiet.has(request.routeOptions.url ?? '') && reply.statusCode < 400 ? 'debug' : 'info'
    log[level]('request', {
      requestId: request.id,
      method: request.method,
      path: pathOf(request.url),
      operation: request.operation,
      status: reply.statusCode,
      tookMs: Math.round(reply.elapsedTime * 10) / 10,
      // `null` where nobody had to say who they are.
      actor: (request.actor as { name: string } | null)?.name,
      source: request.ip,
    })
  })
}

/** Cut before it is looked at: an address may have 256 KiB. */
const pathOf = (url: string) => clipForeignText(url).split('?', 1)[0]

/** Asked every few seconds by whoever watches the server. */
const quiet = new Set(['/healthz', '/readyz'])
