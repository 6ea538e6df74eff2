import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../lib/clock.ts'

/** A sender that was refused may finish what it was saying; then its connection is closed. */
const refusedSenderGraceMs = 5_000

/**
 * For a refusal that comes before the whole request has: what is still sent is read and dropped, so that the sender gets to read
 * the answer instead of a broken connection; but not for ever.
 */
export function closeAfterGrace(request: FastifyRequest, reply: FastifyReply, clock: Clock): void {
  if (request.raw.complete) return
  // Fastify would close at once, and what is unread then breaks the connection before the answer is read.
  reply.removeHeader('connection')
  reply.raw.once('finish', () => {
    // Whoever has begun to read it has stopped.
    request.raw.resume()
    const timer = clock.setTimeout(() => request.raw.socket.destroy(), refusedSenderGraceMs, { unref: true })
    request.raw.once('close', () => request.raw.complete && timer.cancel())
  })
}
