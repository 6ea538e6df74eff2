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
      schema: { tags, summary: 'Show an instance', params, response: { 200: instanceDetailSchema } },
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
        description: '`tags` replaces all tags; what is absent stays.',
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
        summary: 'Give an instance another role',
        description: 'Its policies count with the next work that is handed to the instance.',
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
        summary: 'Approve an instance that waits for it',
        description: 'From now on it is a target like any other.',
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
        summary: 'Reject an instance that waits for approval',
        description: 'It is removed, and its agent is refused from now on.',
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
          'It is handed work again. If its agent is connected, that machine stays the one that is known; if not, the machine that was refused last ' +
          'may take its place. If a copy has the identity, remove the instance and enrol the server again instead.',
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
