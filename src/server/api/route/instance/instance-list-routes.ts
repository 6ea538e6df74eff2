import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  instanceFilterShape,
  instancePageSchema,
  instanceSorts,
  instanceValuesSchema,
} from '../../../../protocol/api/instances.ts'
import { pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import { listInstanceValues } from '../../../app/instance/list-instance-values.ts'
import {
  allInstances,
  countInstances,
  type InstanceOrder,
  type InstancePage,
  type ListedInstance,
  listInstances,
} from '../../../app/instance/list-instances.ts'
import { parsePageToken, renderPageToken } from '../../http/page-token.ts'
import { dispositionOf } from '../../http/send-bytes.ts'
import { presentInstance } from '../../present/present-instance.ts'
import { renderInstanceRows } from '../../present/render-instance-rows.ts'

const tags = ['instances']

/** Many instances: in pages, counted, as values to filter by, and as a file for spreadsheets. */
export function registerInstanceListRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/instances',
    {
      config: { access: [{ action: 'ecs:DescribeInstances', on: 'instance/*' }] },
      schema: {
        tags,
        summary: 'List instances',
        description:
          'Sorted by name unless `sort` is set, such as `sort=-lastSeen`. `nextToken` accepts the token of the next or the previous page of a response ' +
          'with the same order.',
        querystring: z.strictObject({
          ...pageQuerySchema.shape,
          nextToken: z.string().max(2_048).optional(),
          ...instanceFilterShape,
          sort: z
            .enum(instanceSorts.flatMap((sort) => [sort, `-${sort}` as const]))
            .default('name')
            .describe('Sort order; prefix with `-` to reverse.'),
          count: z.stringbool().default(false).describe('Whether to return the total number of instances.'),
        }),
        response: { 200: instancePageSchema },
      },
    },
    async ({ actor, query: { maxResults, nextToken, sort, count, ...filter } }) => {
      const order = parseSort(sort)
      const beyond = parsePlace(order, nextToken)
      const [rows, total] = await Promise.all([
        listInstances(context, actor, filter, { order, beyond, limit: maxResults + 1 }),
        count ? countInstances(context, actor, filter) : undefined,
      ])
      return { ...makeTwoWayPage(rows, maxResults, beyond), ...(total && { total }) }
    },
  )

  routes.get(
    '/api/v1/instances/values',
    {
      config: { access: [{ action: 'ecs:DescribeInstances', on: 'instance/*' }] },
      schema: {
        tags,
        summary: 'List the values of an instance property',
        description: 'Returns up to 100 values for filters, most frequent first.',
        querystring: z.strictObject({
          property: z.string().min(1).max(160).describe('Property as in a filter; `tag` returns tag keys.'),
          text: z.string().max(128).optional().describe('Part of the value, case-insensitive.'),
        }),
        response: { 200: instanceValuesSchema },
      },
    },
    async ({ actor, query }) => {
      const { values, isComplete } = await listInstanceValues(context, actor, query)
      return { values: [...values], isComplete }
    },
  )

  routes.get(
    '/api/v1/instances.csv',
    {
      config: { access: [{ action: 'ecs:DescribeInstances', on: 'instance/*' }] },
      schema: {
        tags,
        summary: 'Export instances as CSV',
        description: 'Returns all instances that match the query as CSV (RFC 4180, UTF-8), sorted by name.',
        querystring: z.strictObject(instanceFilterShape),
      },
    },
    async ({ actor, query }, reply) => {
      const pages = allInstances(context, actor, query)
      // Errors of the request have to be sent before the first byte of the body.
      const first = await pages.next()
      return reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', dispositionOf('instances.csv'))
        .send(Readable.from(renderInstanceRows(first, pages)))
    },
  )
}

function parseSort(sort: string): InstanceOrder {
  const ascending = !sort.startsWith('-')
  return { by: (ascending ? sort : sort.slice(1)) as InstanceOrder['by'], ascending }
}

const placeShapes = {
  name: ['string', 'string', 'string'],
  status: ['string', 'number', 'string', 'string'],
  lastSeen: ['string', 'number', 'string'],
  enrolled: ['string', 'number', 'string'],
} as const satisfies Record<InstanceOrder['by'], unknown>

function parsePlace({ by }: InstanceOrder, token: string | undefined): InstancePage['beyond'] {
  const parsed = parsePageToken(token, placeShapes[by])
  if (!parsed) return undefined
  const [direction, ...place] = parsed
  return { direction: direction === 'before' ? 'before' : 'after', place }
}

/**
 * Builds a page from one row more than it contains, which shows whether more rows follow in the
 * direction that was read.
 */
function makeTwoWayPage(rows: readonly ListedInstance[], limit: number, beyond: InstancePage['beyond']) {
  const isBackward = beyond?.direction === 'before'
  const isMore = rows.length > limit
  const shown = isBackward ? rows.slice(-limit) : rows.slice(0, limit)
  const [first, last] = [shown[0], shown.at(-1)]
  return {
    items: shown.map(presentInstance),
    ...(last && (isBackward || isMore) ? { nextToken: renderPageToken(['after', ...last.place]) } : {}),
    ...(first && (isBackward ? isMore : beyond) ? { previousToken: renderPageToken(['before', ...first.place]) } : {}),
  }
}
