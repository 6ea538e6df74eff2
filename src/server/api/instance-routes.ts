import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { showVersion } from '../../core/extension.ts'
import { instanceStatuses } from '../../core/instance.ts'
import { maxInstanceNameLength } from '../../core/limits.ts'
import { extensionNameSchema, versionLabelSchema } from '../../protocol/api/extensions.ts'
import { instancePatchSchema, instanceSchema } from '../../protocol/api/instances.ts'
import { pageOf, pageQuerySchema } from '../../protocol/api/page.ts'
import type { AppContext } from '../app/context.ts'
import { getInstance, type InstanceView, listInstances } from '../app/list-instances.ts'
import { patchInstance } from '../app/patch-instance.ts'
import { removeInstance } from '../app/remove-instance.ts'
import { makePage } from './make-page.ts'
import { parsePageToken } from './page-token.ts'

const tags = ['instances']
const params = z.object({ id: z.string().max(128) })

const querySchema = z.strictObject({
  ...pageQuerySchema.shape,
  targets: z.string().max(65_536).optional().describe('A selector, such as `tag:env=prod`.'),
  status: z.enum(instanceStatuses).optional(),
  name: z.string().min(1).max(maxInstanceNameLength).optional().describe('A part of the name, in any case.'),
  extension: extensionNameSchema.optional().describe('Only instances that have this extension installed.'),
  version: versionLabelSchema.optional().describe('Only those that have this version of it.'),
})

export function registerInstanceRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/instances',
    {
      schema: {
        tags,
        summary: 'List instances',
        description: 'In the order of their names.',
        querystring: querySchema,
        response: { 200: pageOf(instanceSchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken, ...filter } }) => {
      const place = parsePageToken(nextToken, ['string', 'string'])
      const after = place && { name: place[0], id: place[1] }
      const rows = await listInstances(context, actor, { ...filter, after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ name, id }) => [name, id], present)
    },
  )

  routes.get(
    '/api/v1/instances/:id',
    { schema: { tags, summary: 'Show an instance', params, response: { 200: instanceSchema } } },
    async ({ actor, params: { id } }) => present(await getInstance(context, actor, id)),
  )

  routes.patch(
    '/api/v1/instances/:id',
    {
      schema: {
        tags,
        summary: 'Change the name, tags or resource group of an instance',
        description: '`tags` replaces all tags; what is absent stays.',
        params,
        body: instancePatchSchema,
        response: { 200: instanceSchema },
      },
    },
    async ({ actor, params: { id }, body }) => present(await patchInstance(context, actor, id, body)),
  )

  routes.delete(
    '/api/v1/instances/:id',
    {
      schema: {
        tags,
        summary: 'Remove an instance',
        description:
          'Its agent is refused from now on. What is installed on it stays there. With `force` also while an execution is at work on it.',
        params,
        querystring: z.strictObject({ force: z.stringbool().default(false) }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { id }, query }, reply) => {
      await removeInstance(context, actor, id, query)
      return reply.code(204).send()
    },
  )
}

function present(instance: InstanceView): z.output<typeof instanceSchema> {
  const extensions = (status: 'installed' | 'broken') =>
    instance.extensions
      .filter((state) => state.status === status)
      .map((state) => ({
        extension: state.extensionName,
        version: showVersion(state.version),
        configurationId: state.configurationId,
        executionId: state.executionId,
        since: state.since.toISOString(),
      }))
  return {
    id: instance.id,
    name: instance.name,
    status: instance.status,
    facts: instance.facts as z.output<typeof instanceSchema>['facts'],
    tags: { ...instance.tags },
    resourceGroup: instance.resourceGroup,
    enrolledAt: instance.enrolledAt.toISOString(),
    lastSeenAt: instance.lastSeenAt?.toISOString(),
    installed: extensions('installed'),
    broken: extensions('broken'),
  }
}
