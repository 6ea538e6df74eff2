import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { permissionChecksSchema, permissionResultsSchema } from '../../../../protocol/api/permissions.ts'
import { checkPermissions } from '../../../app/access/object-access.ts'
import type { AppContext } from '../../../app/context.ts'

/** What the caller may do: clients disable what would be refused, with the same reason. */
export function registerPermissionRoutes(api: FastifyInstance, context: AppContext): void {
  api.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/permission-checks',
    {
      // About the caller.
      config: { readsOnly: true, access: 'any-user' },
      schema: {
        tags: ['access keys'],
        summary: 'Check your permissions',
        description:
          'Returns for each action and resource whether the policies of the caller allow it, in the same order. Changes nothing.',
        body: permissionChecksSchema,
        response: { 200: permissionResultsSchema },
      },
    },
    async ({ actor, body: { checks } }) => ({ results: await checkPermissions(context, actor, checks) }),
  )
}
