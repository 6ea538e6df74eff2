import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isEnded } from '../../core/execution.ts'
import { streams } from '../../protocol/agent-messages.ts'
import { outputChunkSchema } from '../../protocol/api/executions.ts'
import { pageOf, pageQuerySchema } from '../../protocol/api/page.ts'
import type { Actor, WatchExecution } from '../app/context.ts'
import { maxChunksPerPage, type OutputRow, readNewOutput, readOutput, readStatus } from '../app/read-executions.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import type { EventRouteContext } from './execution-event-routes.ts'
import { createPace } from './pace.ts'
import { parsePageToken, renderPageToken } from './page-token.ts'
import { presentOutput } from './present-execution.ts'

const executionParams = z.object({ id: z.string().min(1).max(64) })
const instanceId = z.string().min(1).max(64).optional()
const tags = ['executions']
/** An end is looked at for so much longer than seems needed: it is committed a moment after the instant it is stamped with. */
const lateMs = 30_000

/** What scripts printed: whole by pages, or as it is printed. */
export function registerOutputRoutes(api: FastifyInstance, context: EventRouteContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/executions/:id/output',
    {
      config: { access: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Read output, by task, attempt and time',
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
      // It does not end, and HEAD would wait for its end.
      exposeHeadRoute: false,
      config: { access: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Follow output (server-sent events)',
        description:
          'Events: `output` (an array of chunks; those of one stream in order), `end`. A new connection begins at the first byte again: ' +
          'a chunk whose offset was seen before is an echo.',
        params: executionParams,
        querystring: z.strictObject({ instanceId }),
      },
    },
    async (request, reply) => {
      const { actor, params, query } = request
      await readStatus(context, actor, params.id)
      const stream = openEventStream(request, reply, context.stopping)
      await followOutput(context, actor, params.id, query.instanceId, stream).catch((error) =>
        context.log.warn('an output stream broke off', { executionId: params.id, error: String(error) }),
      )
      stream.end()
    },
  )
}

const placeOf = (row: OutputRow) => [row.ordinal, row.attempt, row.at.toISOString(), row.stream, row.startByte]

async function followOutput(
  context: EventRouteContext,
  actor: Actor,
  id: string,
  instance: string | undefined,
  stream: EventStream,
): Promise<void> {
  const seen = new Map<string, number>()
  const executionId = id as Parameters<WatchExecution>[0]
  const { clock } = context
  const watch = context.watchExecution(executionId)
  const pace = createPace(clock, watch, stream.signal)
  let lookedAt: number | undefined

  async function sendNew(): Promise<void> {
    const startedAt = clock.monotonicMs()
    // Whatever ended since the last look began, however long its reader took.
    const endedWithinMs = lookedAt === undefined ? undefined : startedAt - lookedAt + lateMs
    for await (const rows of readNewOutput(context, executionId, { instanceId: instance, seen, endedWithinMs })) {
      await stream.send('output', rows.map(presentOutput))
      if (stream.signal.aborted) return
      pace.said()
    }
    lookedAt = startedAt
  }

  try {
    while (!stream.signal.aborted) {
      // Output first: what was printed waits for no other question.
      await sendNew()
      if (isEnded(await readStatus(context, actor, id))) {
        // What was printed before the end is surely found by a look after it.
        await sendNew()
        return await stream.send('end', {})
      }
      await pace.wait()
    }
  } finally {
    watch.close()
  }
}
