import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { maxApiBodyBytes } from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Logger } from '../../../lib/logger.ts'
import { clipForeignText } from '../../../lib/redact.ts'
import { closeAfterGrace } from './close-after-grace.ts'
import { explainError, makeProblem } from './problem.ts'

/**
 * Sends every error as a problem document; internal errors and failed dependencies are logged with
 * their cause.
 */
export function registerErrorHandling(api: FastifyInstance, { log, clock }: { log: Logger; clock: Clock }): void {
  api.addHook('onError', async (request, reply) => closeAfterGrace(request, reply, clock))
  api.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, log))
  api.setNotFoundHandler((request, reply) => sendProblem(notFound(request), request, reply))
  // Before the body: it is not parsed for an unknown route.
  api.addHook('onRequest', async (request) => {
    if (request.is404) throw notFound(request)
  })
}

const notFound = ({ url }: FastifyRequest) =>
  chandlerError('NotFound', { path: clipForeignText(url.split('?', 1)[0] ?? '') })

/** Sends an error as a problem document, and logs it if an operator has to look at it. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  sendProblem(explainAndLog(error, request, log), request, reply)
}

/** Converts any error to a catalogue error, and logs it if an operator has to look at it. */
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
  // Serialised here, because the route's schemas cover only its own responses.
  void reply
    .code(error.status)
    .type('application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}
