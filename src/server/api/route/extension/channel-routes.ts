import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { extensionNameSchema, promotionInputSchema, promotionSchema } from '../../../../protocol/api/extensions.ts'
import type { AppContext } from '../../../app/context.ts'
import { promoteVersion, removeChannel } from '../../../app/extension/channels.ts'

const tags = ['extensions']
const params = z.object({ name: extensionNameSchema, channel: z.string().min(1).max(64) })

/** Channels: names that point to versions of an extension. */
export function registerChannelRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.put(
    '/api/v1/extensions/:name/channels/:channel',
    {
      config: { access: [{ action: 'oos:PromoteTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Promote a version to a channel',
        description: 'Points the channel to the version, and creates the channel if necessary.',
        params,
        body: promotionInputSchema,
        response: { 200: promotionSchema },
      },
    },
    async ({ actor, params: { name, channel }, body: { version } }) => {
      const { from, to } = await promoteVersion(context, actor, { name, channel, version })
      return { extension: name, channel, version: to, ...(from === undefined ? {} : { previous: from }) }
    },
  )

  routes.delete(
    '/api/v1/extensions/:name/channels/:channel',
    {
      config: { access: [{ action: 'oos:PromoteTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a channel',
        description: 'The version remains. What refers to the channel is refused afterwards.',
        params,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ actor, params: { name, channel } }, reply) => {
      await removeChannel(context, actor, name, channel)
      return reply.code(204).send(null)
    },
  )
}
