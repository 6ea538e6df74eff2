import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { secretNameSchema, secretsSchema, secretValueSchema } from '../../../../protocol/api/automation/secrets.ts'
import { putSecret, readSecrets, removeSecret } from '../../../app/access/secret/secrets.ts'
import type { AppContext } from '../../../app/context.ts'

const tags = ['secrets']
const params = z.object({ name: z.string().min(1).max(64) })

/** Secrets that parameter values refer to as `secret:NAME`. No response contains one. */
export function registerSecretRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/secrets',
    {
      config: { access: [{ action: 'chandler:ListSecrets', on: 'secret/*' }] },
      schema: { tags, summary: 'List the names of the secrets', response: { 200: secretsSchema } },
    },
    async ({ actor }) => ({
      items: (await readSecrets(context, actor)).map((row) => ({
        name: row.name,
        createdBy: row.created_by,
        createdAt: row.created_at.toISOString(),
        updatedBy: row.updated_by,
        updatedAt: row.updated_at.toISOString(),
      })),
    }),
  )

  routes.put(
    '/api/v1/secrets/:name',
    {
      config: { access: [{ action: 'chandler:SetSecret', on: 'secret/{params.name}' }] },
      schema: {
        tags,
        summary: 'Create a secret, or replace its value',
        description:
          'Values of secret parameters refer to it as `secret:NAME`. Instances get the new value with their next change.',
        params: z.object({ name: secretNameSchema }),
        body: secretValueSchema,
        response: { 204: z.null().describe('Stored') },
      },
    },
    async ({ actor, params: { name }, body: { value } }, reply) => {
      await putSecret(context, actor, name, value)
      return reply.code(204).send(null)
    },
  )

  routes.delete(
    '/api/v1/secrets/:name',
    {
      config: { access: [{ action: 'chandler:DeleteSecret', on: 'secret/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a secret',
        description: 'Refused while assignments or declared values refer to it, unless `force` is set.',
        params,
        querystring: z.strictObject({ force: z.stringbool().default(false) }),
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ actor, params: { name }, query }, reply) => {
      await removeSecret(context, actor, name, query)
      return reply.code(204).send(null)
    },
  )
}
