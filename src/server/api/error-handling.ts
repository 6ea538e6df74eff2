import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ChandlerError, chandlerError } from '../../core/errors.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { closeAfterGrace } from './close-after-grace.ts'
import { explainError, makeProblem } from './problem.ts'

/** Whatever goes wrong is answered with a problem document; what is a mistake of ours or a broken part is in the log, with its cause. */
export function registerErrorHandling(api: FastifyInstance, { log, clock }: { log: Logger; clock: Clock }): void {
  api.setErrorHandler((error: FastifyError, request, reply) => {
    closeAfterGrace(request, reply, clock)
    sendError(error, request, reply, log)
  })
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    sendProblem(chandlerError('NotFound', { path }), request, reply)
  })
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const explained = explainError(error, { id: request.id, contentType: request.headers['content-type'] ?? '' })
  if (explained.status >= 500) {
    const level = explained.code === 'Internal' ? 'error' : 'warn'
    log[level]('a request failed', {
      requestId: request.id,
      method: request.method,
      code: explained.code,
      error: explained.cause ?? explained,
    })
  }
  sendProblem(explained, request, reply)
}

function sendProblem(error: ChandlerError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = makeProblem(error, request.id)
  // Serialized here: the route's own schemas are for its own answers.
  void reply
    .code(error.status)
    .type('application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}
