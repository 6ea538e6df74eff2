import type { FastifyReply, FastifyRequest } from 'fastify'

const name = 'chandler-session'
/** Browsers take a cookie of this name only over HTTPS, for the whole host, from the host itself. */
const secureName = `__Host-${name}`

const nameFor = ({ protocol }: Pick<FastifyRequest, 'protocol'>) => (protocol === 'https' ? secureName : name)

/** The token of the session that the browser is in. */
export function readSessionToken(request: FastifyRequest): string | undefined {
  const token = request.cookies[nameFor(request)]
  return token && /^[\w-]{43}$/.test(token) ? token : undefined
}

const attributes = ({ protocol }: Pick<FastifyRequest, 'protocol'>) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: protocol === 'https' }) as const

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
  reply.setCookie(nameFor(request), token, { ...attributes(request), expires })
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(nameFor(request), attributes(request))
}
