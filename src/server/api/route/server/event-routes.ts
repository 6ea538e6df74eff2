import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { checkOwnAccess } from '../../stream/check-own-access.ts'
import { openEventStream } from '../../stream/event-stream.ts'
import { streamLists } from '../../stream/follow-lists.ts'
import type { StreamContext } from '../../stream/stream-context.ts'
import { topicAccess } from '../../stream/topic-access.ts'

/** Names the changed lists of an account, which clients then read again; contains no rows. */
export function registerEventRoutes(api: FastifyInstance, context: StreamContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/events',
    {
      // The stream does not end, and HEAD would wait for its end.
      exposeHeadRoute: false,
      config: { access: topicAccess.lists },
      schema: {
        tags: ['events'],
        summary: 'Follow changes of lists (server-sent events)',
        description:
          'Event `changed`: `{"executions": [ids], "moreExecutions": bool, "instances": bool, "extensions": bool}`, at most once a second. ' +
          'The first event of a connection, and one every 30 seconds, reports changes in all lists, so that a client that was disconnected reloads them.',
      },
    },
    async (request, reply) => {
      const stream = openEventStream(request, reply, context, checkOwnAccess(context, request))
      await streamLists(context, request.actor, { place: undefined, stream }).catch((error) =>
        context.log.warn('an event stream failed', { error: String(error) }),
      )
      stream.end()
    },
  )
}
