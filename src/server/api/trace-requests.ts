import type { FastifyInstance } from 'fastify'
import type { RequestSpan, Tracer } from '../../lib/tracer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    span?: RequestSpan | undefined
  }
}

/** One span for each request; names are patterns of routes, never paths. */
export function traceRequests(api: FastifyInstance, tracer: Tracer): void {
  api.decorateRequest('span', undefined)
  api.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers
    const headers = typeof traceparent === 'string' ? { traceparent } : {}
    const attributes = { 'http.request.method': request.method, 'chandler.request_id': request.id }
    request.span = tracer.request(headers, attributes, done)
  })
  api.addHook('onResponse', async (request, reply) => {
    const route = request.knownOperation ?? (request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'))
    const params = request.params as Readonly<Record<string, string>> | null
    const attributes = {
      'http.route': route,
      'http.response.status_code': reply.statusCode,
      'chandler.execution_id': route.includes('/executions/:id') ? params?.['id'] : undefined,
    }
    request.span?.end(`${request.method} ${route}`, attributes, reply.statusCode >= 500)
  })
}
