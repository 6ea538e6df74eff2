import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../app/context.ts'
import { authoriseAccess } from '../http/authorisation.ts'
import type { StreamContext } from './stream-context.ts'

/** Checks that an actor still has the permissions that the request requires. */
export const checkOwnAccess =
  (context: StreamContext, request: FastifyRequest) =>
  (actor: Actor): Promise<void> =>
    authoriseAccess(context, request.routeOptions.config.access ?? [], {
      params: request.params,
      body: request.body,
      actor,
    })
