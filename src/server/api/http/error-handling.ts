import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { maxApiBodyBytes } from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Logger } from '../../../lib/logger.ts'
import { clipForeignText } from '../../../lib/redact.ts'
import { closeAfterGrace } from './close-after-grace.ts'
import { explainError, makeProblem } from './problem.ts'

/** Whatever goes wrong is answered with a problem document; what is a mistake of ours or a broken part is in the log, with its cause. */
export function registerErrorHandling(api: FastifyInstance, { log, clock }: { log: Logger; clock: Clock }): void {
  api.addHook('onError', async (request, reply) => closeAfterGrace(request, reply, clock))
  api.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, log))
  api.setNotFoundHandler((request, reply) => sendProblem(notFound(request), request, reply))
  // Before the body: what nobody asked for is not parsed.
  api.addHook('onRequest', async (request) => {
    if (request.is404) throw notFound(request)
  })
}

const notFound = ({ url }: FastifyRequest) =>
  chandlerError('NotFound', { path: clipForeignText(url.split('?', 1)[0] ?? '') })

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  sendProblem(explainAndLog(error, request, log), request, reply)
}

/** Any error as one of the catalogue, and in the log if a person has to look at it. */
export function explainAndLog(error: unknown, request: FastifyRequest, log: Logger): ChandlerError {
  const explained = explainError(error, {
    id: request.id,
    contentType: clipForeignText(request.headers['content-type'] ?? ''),
    maxBodyBytes: request.routeOptions.bodyLimit ?? maxApiBodyBytes,
  })
  if (explained.status >= 500) {
    const level = explained.code === 'Internal' ? 'error' : 'warn'
    log[level]('a request failed', {
      requestId: request.id,
      method: request.method,
      code: explained.code,
      error: explained.cause ?? explained,
    })
  }
  return explained
}

function sendProblem(error: ChandlerError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = makeProblem(error, request.id)
  const { retryAfterSeconds } = error.details ?? {}
  if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds)
  // Serialized here: the route's own schemas are for its own answers.
  void reply
    .code(error.status)
    .type('application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}
