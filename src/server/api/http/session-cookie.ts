import type { FastifyReply, FastifyRequest } from 'fastify'

/** Reads, sets and clears the session cookie. */
export interface SessionCookie {
  /** The session token from the browser's cookie. */
  read(request: FastifyRequest): string | undefined
  set(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void
  clear(request: FastifyRequest, reply: FastifyReply): void
}

const plainName = 'chandler-session'
/**
 * Browsers accept a cookie with this prefix only over HTTPS, for the whole host, from the host
 * itself.
 */
const secureName = `__Host-${plainName}`

/**
 * @param publicUrl where browsers reach this server. If it is HTTPS, a proxy terminates TLS: then
 * every request for that host counts as secure, and no header is consulted.
 */
export function createSessionCookie(publicUrl: string | undefined): SessionCookie {
  const secureHost = publicUrl?.startsWith('https:') ? new URL(publicUrl).host : undefined
  const isSecure = ({ protocol, host }: FastifyRequest) => protocol === 'https' || host === secureHost
  const nameFor = (request: FastifyRequest) => (isSecure(request) ? secureName : plainName)
  const attributes = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(request) }) as const
  return {
    read(request) {
      const token = request.cookies[nameFor(request)]
      return token && /^[\w-]{43}$/.test(token) ? token : undefined
    },
    set: (request, reply, token, expires) =>
      void reply.setCookie(nameFor(request), token, { ...attributes(request), expires }),
    clear: (request, reply) => void reply.clearCookie(nameFor(request), attributes(request)),
  }
}
