import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  freezeInputSchema,
  freezeReplacementSchema,
  freezeSchema,
  freezesSchema,
} from '../../../../protocol/api/timing.ts'
import type { AppContext } from '../../../app/context.ts'
import { createFreeze, type FreezeRow, putFreeze, readFreezes, removeFreeze } from '../../../app/timing/freezes.ts'

const tags = ['freezes']
const params = z.object({ name: z.string().min(1).max(64) })

/** Freezes: times in which nothing starts in the account. */
export function registerFreezeRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/freezes',
    {
      // Freezes explain why executions wait: who may list those sees them, too.
      config: { access: [{ action: 'oos:ListExecutions', on: 'execution/*' }] },
      schema: { tags, summary: 'List the freezes that have not ended', response: { 200: freezesSchema } },
    },
    async ({ actor }) => ({ items: (await readFreezes(context, actor)).map(present) }),
  )

  routes.post(
    '/api/v1/freezes',
    {
      config: { access: [{ action: 'chandler:CreateFreeze', on: 'freeze/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create a freeze',
        description:
          'No execution starts tasks while it is in effect, unless it overrides freezes. Running tasks finish.',
        body: freezeInputSchema,
        response: { 201: freezeSchema },
      },
    },
    async ({ actor, body: { name, ...times } }, reply) =>
      reply.code(201).send(present(await createFreeze(context, actor, { name, ...readTimes(times) }))),
  )

  routes.put(
    '/api/v1/freezes/:name',
    {
      config: {
        access: [
          { action: 'chandler:CreateFreeze', on: 'freeze/{params.name}' },
          { action: 'chandler:UpdateFreeze', on: 'freeze/{params.name}' },
        ],
      },
      schema: {
        tags,
        summary: 'Create a freeze, or change its times',
        params: z.object({ name: freezeInputSchema.shape.name }),
        body: freezeReplacementSchema,
        response: { 200: freezeSchema },
      },
    },
    async ({ actor, params: { name }, body }) => present(await putFreeze(context, actor, { name, ...readTimes(body) })),
  )

  routes.delete(
    '/api/v1/freezes/:name',
    {
      config: { access: [{ action: 'chandler:DeleteFreeze', on: 'freeze/{params.name}' }] },
      schema: { tags, summary: 'End a freeze now', params, response: { 204: z.null().describe('Deleted') } },
    },
    async ({ actor, params: { name } }, reply) => {
      await removeFreeze(context, actor, name)
      return reply.code(204).send(null)
    },
  )
}

const readTimes = ({ beginsAt, endsAt }: z.output<typeof freezeReplacementSchema>) => ({
  endsAt: new Date(endsAt),
  ...(beginsAt === undefined ? {} : { beginsAt: new Date(beginsAt) }),
})

const present = ({ name, begins_at: beginsAt, ends_at: endsAt, created_by: createdBy }: FreezeRow) => ({
  name,
  beginsAt: beginsAt.toISOString(),
  endsAt: endsAt.toISOString(),
  createdBy,
})
