import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { readStatus } from '../../../app/execution/read-executions.ts'
import { checkOwnAccess } from '../../stream/check-own-access.ts'
import { openEventStream } from '../../stream/event-stream.ts'
import { streamExecution } from '../../stream/follow-execution.ts'
import type { StreamContext } from '../../stream/stream-context.ts'
import { topicAccess } from '../../stream/topic-access.ts'

/**
 * Live updates of an execution as server-sent events; see protocol/api/executions.ts for the
 * events.
 */
export function registerExecutionEventRoutes(api: FastifyInstance, context: StreamContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/executions/:id/events',
    {
      // The stream does not end, and HEAD would wait for its end.
      exposeHeadRoute: false,
      config: { access: topicAccess.execution },
      schema: {
        tags: ['executions'],
        summary: 'Follow an execution (server-sent events)',
        description:
          'Events: `batches` (changed batches, initially all), `execution` (the execution without targets and batches, initially and after ' +
          'changes), `tasks` (an array of changed tasks) and `end`. ' +
          'Without `after`, the stream starts with all changed tasks. `Last-Event-ID` resumes after a lost connection.',
        params: z.object({ id: z.string().min(1).max(64) }),
        querystring: z.strictObject({ after: z.coerce.number().int().min(0).optional() }),
      },
    },
    async (request, reply) => {
      const { actor, params, query, headers } = request
      // Load the execution first: an error status can only be sent before the stream begins.
      await readStatus(context, actor, params.id)
      const place = String(headers['last-event-id'] ?? query.after ?? '1')
      const stream = openEventStream(request, reply, context, checkOwnAccess(context, request))
      await streamExecution(context, actor, { id: params.id, place, stream }).catch((error) =>
        context.log.warn('an event stream failed', { executionId: params.id, error: String(error) }),
      )
      stream.end()
    },
  )
}
