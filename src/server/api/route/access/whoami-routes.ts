import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { whoamiSchema } from '../../../../protocol/api/access.ts'
import { showAccount } from '../../../app/access/show-account.ts'
import type { AppContext } from '../../../app/context.ts'

/** The one request that every user may send. */
export function registerWhoamiRoutes(api: FastifyInstance, context: Pick<AppContext, 'region' | 'accountName'>): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/whoami',
    {
      config: { access: 'any-user' },
      schema: {
        tags: ['access keys'],
        summary: 'Get the user of the access key and their policies',
        response: { 200: whoamiSchema },
      },
    },
    async ({ actor: { accountId, name, roles = [], policies } }) => ({
      accountId: showAccount(context, accountId),
      userName: name,
      region: context.region,
      administrator: policies === 'everything',
      policies: policies === 'everything' ? [] : policies.map((policy) => policy.name),
      ...(roles.length > 0 && { roles: [...roles] }),
    }),
  )
}
