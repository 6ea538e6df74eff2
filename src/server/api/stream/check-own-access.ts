import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../app/context.ts'
import { authoriseAccess } from '../http/authorisation.ts'
import type { StreamContext } from './stream-context.ts'

/** Whether an actor may still ask what the request asks. */
export const checkOwnAccess =
  (context: StreamContext, request: FastifyRequest) =>
  (actor: Actor): void =>
    authoriseAccess(context, request.routeOptions.config.access ?? [], {
      params: request.params,
      body: request.body,
      actor,
    })
