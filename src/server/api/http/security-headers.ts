import type { FastifyInstance } from 'fastify'

/**
 * For every response; a header that the route has set itself remains (/docs needs scripts,
 * downloads may be cached).
 */
const headers = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const

/**
 * @param hstsMs lifetime of HSTS for secure requests; undefined: none. It applies to the host name
 * only, because other servers may have the names below it.
 */
export function registerSecurityHeaders(api: FastifyInstance, hstsMs?: number): void {
  const hsts = hstsMs === undefined ? undefined : `max-age=${Math.floor(hstsMs / 1_000)}`
  api.addHook('onSend', async (request, reply) => {
    for (const [name, value] of Object.entries(headers)) if (!reply.hasHeader(name)) reply.header(name, value)
    if (hsts !== undefined && request.protocol === 'https') reply.header('strict-transport-security', hsts)
  })
}
