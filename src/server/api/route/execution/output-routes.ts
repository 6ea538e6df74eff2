import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { streams } from '../../../../protocol/agent-protocol.ts'
import { outputChunkSchema } from '../../../../protocol/api/executions.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import {
  maxChunksPerPage,
  type OutputRow,
  readOutput,
  readStatus,
  requireTask,
} from '../../../app/execution/read-executions.ts'
import { parsePageToken, renderPageToken } from '../../http/page-token.ts'
import { presentOutput } from '../../present/present-execution.ts'
import { checkOwnAccess } from '../../stream/check-own-access.ts'
import { openEventStream } from '../../stream/event-stream.ts'
import { streamOutput } from '../../stream/follow-output.ts'
import type { StreamContext } from '../../stream/stream-context.ts'
import { topicAccess } from '../../stream/topic-access.ts'

const executionParams = z.object({ id: z.string().min(1).max(64) })
const instanceId = z.string().min(1).max(64).optional()
const tags = ['executions']

/** Output of scripts: complete in pages, or live. */
export function registerOutputRoutes(api: FastifyInstance, context: StreamContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/executions/:id/output',
    {
      config: { access: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'List output, by task, attempt and time',
        params: executionParams,
        querystring: z.strictObject({ ...pageQuerySchema.shape, instanceId, stream: z.enum(streams).optional() }),
        response: { 200: pageOf(outputChunkSchema) },
      },
    },
    async (request) => {
      const { maxResults, nextToken, instanceId: instance, stream } = request.query
      const limit = Math.min(maxResults, maxChunksPerPage)
      const place = parsePageToken(nextToken, ['number', 'number', 'instant', 'number', 'number'])
      const after = place && {
        ordinal: place[0],
        attempt: place[1],
        at: place[2],
        stream: place[3],
        startByte: place[4],
      }
      const rows = await readOutput(context, request.actor, request.params.id, {
        instanceId: instance,
        stream,
        after,
        limit,
      })
      const last = rows.length === limit ? rows.at(-1) : undefined
      return { items: rows.map(presentOutput), ...(last ? { nextToken: renderPageToken(placeOf(last)) } : {}) }
    },
  )

  routes.get(
    '/api/v1/executions/:id/output/follow',
    {
      // The stream does not end, and HEAD would wait for its end.
      exposeHeadRoute: false,
      config: { access: topicAccess.output },
      schema: {
        tags,
        summary: 'Follow output (server-sent events)',
        description:
          'Events: `output` (an array of chunks, ordered within a stream) and `end`. `Last-Event-ID` resumes after a lost connection. ' +
          'Events of an execution with many tasks have no id: a new connection starts at the first byte, and the client ' +
          'ignores chunks whose offset it has already received.',
        params: executionParams,
        querystring: z.strictObject({ instanceId }),
      },
    },
    async (request, reply) => {
      const { actor, params, query, headers } = request
      await readStatus(context, actor, params.id)
      await requireTask(context, params.id, query.instanceId)
      const place = headers['last-event-id'] === undefined ? undefined : String(headers['last-event-id'])
      const stream = openEventStream(request, reply, context, checkOwnAccess(context, request))
      await streamOutput(context, actor, { id: params.id, instanceId: query.instanceId, place, stream }).catch(
        (error) => context.log.warn('an output stream failed', { executionId: params.id, error: String(error) }),
      )
      stream.end()
    },
  )
}

const placeOf = (row: OutputRow) => [row.ordinal, row.attempt, row.at.toISOString(), row.stream, row.startByte]
