import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { accessKeyInputSchema, accessKeySchema, createdAccessKeySchema } from '../../../../protocol/api/access-keys.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { Authenticator } from '../../../app/access/authenticate.ts'
import { createAccessKey } from '../../../app/access/key/create-access-key.ts'
import { deleteAccessKey } from '../../../app/access/key/delete-access-key.ts'
import { hashAccessKey } from '../../../app/access/key/hash-access-key.ts'
import { type AccessKeyRecord, listAccessKeys } from '../../../app/access/key/list-access-keys.ts'
import { setAccessKeyEnabled } from '../../../app/access/key/set-access-key-enabled.ts'
import type { AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const tags = ['access keys']
const params = z.object({ id: z.string().max(128) })

export function registerAccessKeyRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'secrets' | 'random' | 'clock'>,
  authenticator: Pick<Authenticator, 'forget'>,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/access-keys',
    {
      config: { access: [{ action: 'ram:ListAccessKeys', on: 'user/*' }] },
      schema: {
        tags,
        summary: 'List access keys',
        querystring: z.strictObject({
          ...pageQuerySchema.shape,
          user: z.string().min(1).max(64).optional().describe('Filter by user.'),
        }),
        response: { 200: pageOf(accessKeySchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken, user } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listAccessKeys(context, actor, { user, after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ id }) => [id], presentAt(context.clock.now()))
    },
  )

  routes.post(
    '/api/v1/access-keys',
    {
      config: { access: [{ action: 'ram:CreateAccessKey', on: 'user/{body.userName|actor.name}' }] },
      schema: {
        tags,
        summary: 'Create an access key',
        description: 'The user must exist. The secret is returned only in this response.',
        body: accessKeyInputSchema,
        response: { 201: createdAccessKeySchema },
      },
    },
    async ({ actor, body }, reply) => {
      const key = await createAccessKey(context, actor, body)
      return reply.code(201).send({ ...presentAt(context.clock.now())(key), secret: key.secret })
    },
  )

  routes.delete(
    '/api/v1/access-keys/:id',
    {
      config: { access: [{ action: 'ram:DeleteAccessKey', on: 'access-key/{params.id}' }] },
      schema: {
        tags,
        summary: 'Delete an access key',
        description:
          'The last usable key of the administrator cannot be deleted. Takes effect within 5 s on other servers.',
        params,
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { id } }, reply) => {
      await deleteAccessKey(context, actor, id)
      authenticator.forget(id)
      return reply.code(204).send()
    },
  )

  routes.post(
    '/api/v1/access-keys/:id/hash',
    {
      config: { access: [{ action: 'ram:UpdateAccessKey', on: 'access-key/{params.id}' }] },
      schema: {
        tags,
        summary: 'Replace the encrypted secret of an access key by its hash',
        description:
          'The key cannot sign requests of the OOS API afterwards. This cannot be undone. Takes effect within 5 s on other servers.',
        params,
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { id } }, reply) => {
      await hashAccessKey(context, actor, id)
      authenticator.forget(id)
      return reply.code(204).send()
    },
  )

  for (const enabled of [true, false]) {
    const verb = enabled ? 'enable' : 'disable'
    routes.post(
      `/api/v1/access-keys/:id/${verb}`,
      {
        config: { access: [{ action: 'ram:UpdateAccessKey', on: 'access-key/{params.id}' }] },
        schema: {
          tags,
          summary: enabled ? 'Enable an access key' : 'Disable an access key',
          description:
            'The last enabled key of the administrator cannot be disabled. Takes effect within 5 s on other servers.',
          params,
          response: { 204: z.undefined() },
        },
      },
      async ({ actor, params: { id } }, reply) => {
        await setAccessKeyEnabled(context, actor, id, enabled)
        authenticator.forget(id)
        return reply.code(204).send()
      },
    )
  }
}

const presentAt = (now: number) => (key: AccessKeyRecord) => ({
  id: key.id,
  userName: key.userName,
  kind: key.kind,
  description: key.description,
  status: statusOf(key, now),
  createdAt: key.createdAt.toISOString(),
  disabledAt: key.disabledAt?.toISOString(),
  expiresAt: key.expiresAt?.toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString(),
  lastUsedFrom: key.lastUsedFrom,
})

function statusOf({ disabledAt, expiresAt }: AccessKeyRecord, now: number): 'enabled' | 'disabled' | 'expired' {
  if (disabledAt) return 'disabled'
  return expiresAt && expiresAt.getTime() <= now ? 'expired' : 'enabled'
}
