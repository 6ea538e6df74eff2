import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { streams } from '../../../../protocol/agent-protocol.ts'
import { outputMatchesSchema } from '../../../../protocol/api/executions.ts'
import type { AppContext } from '../../../app/context.ts'
import type { OutputRow } from '../../../app/execution/read-executions.ts'
import { openTaskOutput } from '../../../app/output/read-task-output.ts'
import { searchOutput } from '../../../app/output/search-output.ts'
import { dispositionOf } from '../../http/send-bytes.ts'

const tags = ['executions']
const params = z.object({ id: z.string().min(1).max(64), instanceId: z.string().min(1).max(64) })
const filter = {
  stream: z.enum(streams).optional().describe('Default: both streams, sorted by time.'),
  attempt: z.coerce.number().int().min(1).optional().describe('Default: all attempts.'),
}

/** The output of one task: searchable, and as a file. */
export function registerTaskOutputRoutes(api: FastifyInstance, context: Pick<AppContext, 'database'>): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/executions/:id/tasks/:instanceId/output/search',
    {
      config: { access: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Search the output of a task',
        description: 'Returns up to 500 matching lines. The search is case-insensitive.',
        params,
        querystring: z.strictObject({ ...filter, text: z.string().min(1).max(256) }),
        response: { 200: outputMatchesSchema },
      },
    },
    async ({ actor, params: { id, instanceId }, query }) => {
      const { matches, isComplete } = await searchOutput(context, actor, id, { instanceId, ...query })
      return { matches: matches.map((match) => ({ ...match, at: match.at.toISOString() })), isComplete }
    },
  )

  routes.get(
    '/api/v1/executions/:id/tasks/:instanceId/output.txt',
    {
      config: { access: [{ action: 'oos:ListExecutionLogs', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Download the output of a task',
        description: 'Returns the output byte for byte.',
        params,
        querystring: z.strictObject(filter),
      },
    },
    async ({ actor, params: { id, instanceId }, query }, reply) => {
      const pages = await openTaskOutput(context, actor, id, { instanceId, ...query })
      const words = [id, instanceId, query.attempt, query.stream].filter((word) => word !== undefined)
      return reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('content-disposition', dispositionOf(`${words.join('-')}.txt`))
        .send(Readable.from(bytesOf(pages)))
    },
  )
}

async function* bytesOf(pages: AsyncIterable<readonly OutputRow[]>): AsyncGenerator<Buffer, void> {
  for await (const rows of pages) for (const { data } of rows) yield data
}
