import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  instanceDetailSchema,
  instancePatchSchema,
  instanceRoleSchema,
  instanceSchema,
} from '../../../../protocol/api/instances.ts'
import type { AppContext } from '../../../app/context.ts'
import { approveInstance, rejectInstance, releaseInstance } from '../../../app/instance/admit-instance.ts'
import { getInstance, getInstanceDetail } from '../../../app/instance/get-instance.ts'
import { patchInstance } from '../../../app/instance/patch-instance.ts'
import { removeInstance } from '../../../app/instance/remove-instance.ts'
import { setInstanceRole } from '../../../app/instance/set-instance-role.ts'
import { presentInstance, presentInstanceDetail } from '../../present/present-instance.ts'

const tags = ['instances']
const params = z.object({ id: z.string().max(128) })

export function registerInstanceRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/instances/:id',
    {
      config: { access: [{ action: 'ecs:DescribeInstances', on: 'instance/{params.id}' }] },
      schema: { tags, summary: 'Get an instance', params, response: { 200: instanceDetailSchema } },
    },
    async ({ actor, params: { id } }) => presentInstanceDetail(await getInstanceDetail(context, actor, id)),
  )

  routes.patch(
    '/api/v1/instances/:id',
    {
      config: { access: [{ action: 'ecs:ModifyInstanceAttribute', on: 'instance/{params.id}' }] },
      schema: {
        tags,
        summary: 'Change the name, tags or resource group of an instance',
        description: '`tags` replaces all tags. Omitted fields are not changed.',
        params,
        body: instancePatchSchema,
        response: { 200: instanceSchema },
      },
    },
    async ({ actor, params: { id }, body }) => presentInstance(await patchInstance(context, actor, id, body)),
  )

  routes.put(
    '/api/v1/instances/:id/role',
    {
      // The use case also requires permission to pass the role.
      config: { access: [{ action: 'ecs:AttachInstanceRamRole', on: 'instance/{params.id}' }] },
      schema: {
        tags,
        summary: 'Set the role of an instance',
        description: 'Takes effect with the next task.',
        params,
        body: instanceRoleSchema,
        response: { 200: instanceSchema },
      },
    },
    async ({ actor, params: { id }, body }) => {
      await setInstanceRole(context, actor, id, body.role)
      return presentInstance(await getInstance(context, actor, id))
    },
  )

  const access = (action: string) => [{ action, on: 'instance/{params.id}' }] as const
  routes.post(
    '/api/v1/instances/:id/approve',
    {
      config: { access: access('ecs:ApproveInstance') },
      schema: {
        tags,
        summary: 'Approve an instance',
        description: 'The instance can then be a target of executions.',
        params,
        response: { 200: instanceSchema },
      },
    },
    async ({ actor, params: { id } }) => presentInstance(await approveInstance(context, actor, id)),
  )

  routes.post(
    '/api/v1/instances/:id/reject',
    {
      config: { access: access('ecs:ApproveInstance') },
      schema: {
        tags,
        summary: 'Reject an instance that is waiting for approval',
        description: 'Removes the instance and refuses its agent.',
        params,
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { id } }, reply) => {
      await rejectInstance(context, actor, id)
      return reply.code(204).send()
    },
  )

  routes.post(
    '/api/v1/instances/:id/release',
    {
      config: { access: access('ecs:ReleaseInstance') },
      schema: {
        tags,
        summary: 'Release an instance from quarantine',
        description:
          'The server hands work to the instance again. If its agent is connected, the connected machine keeps the identity; otherwise the machine that was ' +
          'refused last may take it over. If a copy uses the identity, remove the instance and enrol the machine again instead.',
        params,
        response: { 200: instanceSchema },
      },
    },
    async ({ actor, params: { id } }) => presentInstance(await releaseInstance(context, actor, id)),
  )

  routes.delete(
    '/api/v1/instances/:id',
    {
      config: { access: [{ action: 'ecs:DeleteInstance', on: 'instance/{params.id}' }] },
      schema: {
        tags,
        summary: 'Remove an instance',
        description:
          'Refuses the agent of the instance. Installed software stays on the machine. With `force`, the instance is removed even while an execution uses it.',
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
