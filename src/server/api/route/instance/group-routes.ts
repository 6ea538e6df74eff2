import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  groupInputSchema,
  groupPatchSchema,
  groupSchema,
  groupsSchema,
} from '../../../../protocol/api/assignment/groups.ts'
import type { AppContext } from '../../../app/context.ts'
import {
  changeGroup,
  createGroup,
  type GroupRecord,
  readGroup,
  readGroups,
  removeGroup,
} from '../../../app/instance/groups.ts'

const tags = ['groups']
const params = z.object({ name: z.string().min(1).max(64) })

/** Groups: named filters over instances, usable as targets. */
export function registerGroupRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/groups',
    {
      config: { access: [{ action: 'oos:ListGroups', on: 'group/*' }] },
      schema: {
        tags,
        summary: 'List groups',
        description: 'Returns all groups by name, with the number of matching instances that you may see.',
        response: { 200: groupsSchema },
      },
    },
    async ({ actor }) => ({ items: (await readGroups(context, actor)).map(present) }),
  )

  routes.get(
    '/api/v1/groups/:name',
    {
      config: { access: [{ action: 'oos:GetGroup', on: 'group/{params.name}' }] },
      schema: { tags, summary: 'Get a group', params, response: { 200: groupSchema } },
    },
    async ({ actor, params: { name } }) => present(await readGroup(context, actor, name)),
  )

  routes.post(
    '/api/v1/groups',
    {
      config: { access: [{ action: 'oos:CreateGroup', on: 'group/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create a group',
        description: 'Saves a filter under a name. The instances are determined whenever the group is used.',
        body: groupInputSchema,
        response: { 201: groupSchema },
      },
    },
    async ({ actor, body }, reply) => reply.code(201).send(present(await createGroup(context, actor, body))),
  )

  routes.patch(
    '/api/v1/groups/:name',
    {
      config: { access: [{ action: 'oos:UpdateGroup', on: 'group/{params.name}' }] },
      schema: { tags, summary: 'Change a group', params, body: groupPatchSchema, response: { 200: groupSchema } },
    },
    async ({ actor, params: { name }, body }) => present(await changeGroup(context, actor, { name, ...body })),
  )

  routes.delete(
    '/api/v1/groups/:name',
    {
      config: { access: [{ action: 'oos:DeleteGroup', on: 'group/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a group',
        description: 'Started executions keep their targets.',
        params,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ actor, params: { name } }, reply) => {
      await removeGroup(context, actor, name)
      return reply.code(204).send(null)
    },
  )
}

const present = ({ name, description, filter, matching, offline, createdBy, createdAt, updatedAt }: GroupRecord) => ({
  name,
  description,
  filter,
  instanceCount: matching,
  offlineCount: offline,
  createdBy,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})
