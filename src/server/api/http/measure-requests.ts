import type { FastifyInstance } from 'fastify'
import type { MeasuredRequest } from '../api-options.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the response stays open as long as the client wants. */
    isStream?: boolean
  }
}

/** Reports each answered request. Paths and unknown operations, which anyone can invent, are left out. */
export function measureRequests(api: FastifyInstance, onRequestEnd: (request: MeasuredRequest) => void): void {
  api.decorateRequest('knownOperation', undefined)
  api.decorateRequest('isStream', undefined)
  api.addHook('onResponse', async (request, reply) => {
    onRequestEnd({
      method: request.is404 ? 'any' : request.method,
      route: request.knownOperation ?? (request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')),
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
      isStream: request.isStream ?? false,
    })
  })
}
