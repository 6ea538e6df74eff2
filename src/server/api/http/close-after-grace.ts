import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../lib/clock.ts'

/** After a refusal its sender may finish sending for this long; then its connection is closed. */
const refusedSenderGraceMs = 5_000

/**
 * For a refusal that is sent before the whole request has arrived: further data is read and dropped
 * for a limited time, so that the sender can read the response instead of seeing a reset
 * connection.
 */
export function closeAfterGrace(request: FastifyRequest, reply: FastifyReply, clock: Clock): void {
  if (request.raw.complete) return
  // Fastify would close immediately, and unread data would reset the connection before the response
  // is read.
  reply.removeHeader('connection')
  reply.raw.once('finish', () => {
    // A handler that had begun to read has stopped.
    request.raw.resume()
    const timer = clock.setTimeout(() => request.raw.socket.destroy(), refusedSenderGraceMs, { unref: true })
    request.raw.once('close', () => request.raw.complete && timer.cancel())
  })
}
