/**
 * The API of Alibaba Cloud OOS (RPC, version 2019-06-01) over the same use cases as the native one,
 * so that its SDKs work unchanged. It shares `/` with other routes: a request with an action is a
 * call. Parse, authenticate, authorise, run, present.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ChandlerError } from '../../core/error/errors.ts'
import { maxOosBodyBytes } from '../../core/limits.ts'
import type { AppContext } from '../app/context.ts'
import { renderAnswer, renderError } from './rpc/answer.ts'
import { oosErrorOf } from './rpc/error-codes.ts'
import { checkCall, formatOf, type OosRequest, readOosRequest } from './rpc/oos-request.ts'
import { type OosSignIn, signInOos } from './rpc/sign-in.ts'
import { findOperation, runOperation } from './run-operation.ts'

export interface OosApiParts extends Omit<OosSignIn, 'clock'> {
  /** Converts any error to a catalogue error, and logs it if an operator has to look at it. */
  readonly explainError: (error: unknown, request: FastifyRequest) => ChandlerError
  /** Marks the request's connection as authenticated. */
  readonly proven: (request: FastifyRequest) => void
}

/** Registers the OOS API at `/`. */
export async function registerOosApi(api: FastifyInstance, context: AppContext, parts: OosApiParts): Promise<void> {
  await api.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // The signature covers the bytes, whatever the content type is.
    scope.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler((error, request, reply) => answerError(parts, error, request, reply))
    scope.route({
      method: ['GET', 'POST'],
      url: '/',
      exposeHeadRoute: false,
      bodyLimit: maxOosBodyBytes,
      constraints: { surface: 'oos' },
      config: { open: true, ownQuery: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        const call = readOosRequest(wireOf(request))
        if (!call) return reply.callNotFound()
        return present(reply, request, `${call.action}Response`, await answerCall(context, parts, call, request))
      },
    })
  })
}

async function answerCall(context: AppContext, parts: OosApiParts, call: OosRequest, request: FastifyRequest) {
  // The sender is not authenticated yet: the log only keeps text that could be a name.
  if (/^\w{1,64}$/.test(call.action)) request.operation = call.action
  checkCall(call)
  const signedIn = await signInOos({ ...parts, clock: context.clock }, call.claim(), request.ip)
  parts.proven(request)
  const actor = { ...signedIn, isSecure: request.protocol === 'https' }
  request.actor = actor
  const operation = findOperation(call.action)
  request.knownOperation = `oos:${operation.name}`
  const answer = await runOperation(operation, { context, actor, endpoint: request.host }, call.parameters)
  return { RequestId: request.id, ...answer }
}

const wireOf = ({ method, raw, headers, body }: FastifyRequest) => ({
  method,
  url: raw.url ?? '/',
  headers,
  body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
})

function answerError(parts: OosApiParts, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const explained = parts.explainError(error, request)
  const { retryAfterSeconds } = explained.details ?? {}
  if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds)
  const place = { requestId: request.id, host: request.host, protocol: request.protocol }
  return present(reply.code(oosErrorOf(explained).status), request, 'Error', renderError(explained, place))
}

function present(
  reply: FastifyReply,
  request: FastifyRequest,
  root: string,
  answer: Readonly<Record<string, unknown>>,
) {
  const { contentType, body } = renderAnswer(formatOf(wireOf(request)), root, answer)
  return reply
    .type(contentType)
    .serializer((text: string) => text)
    .send(body)
}
