import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PeerReader } from '../../../../lib/peer/read-peer.ts'
import { createdJoinTokenSchema, joinTokenInputSchema, joinTokenSchema } from '../../../../protocol/api/instances.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import { createJoinToken } from '../../../app/instance/create-join-token.ts'
import { type JoinTokenRecord, listJoinTokens } from '../../../app/instance/list-join-tokens.ts'
import { revokeJoinToken } from '../../../app/instance/revoke-join-token.ts'
import type { ApiTls } from '../../api-options.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const tags = ['join tokens']

/** How instances reach and verify this server. */
export interface JoinAddress {
  readonly publicUrl: string | undefined
  readonly peers: PeerReader
  readonly identity: ApiTls['identity'] | undefined
}

export function registerJoinTokenRoutes(
  api: FastifyInstance,
  context: AppContext,
  { publicUrl, peers, identity }: JoinAddress,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/join-tokens',
    {
      config: { access: [{ action: 'chandler:ListJoinTokens', on: 'join-token/*' }] },
      schema: {
        tags,
        summary: 'List join tokens',
        description: 'Returns all tokens that are not revoked, including expired and exhausted ones.',
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(joinTokenSchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken } }) => {
      const place = parsePageToken(nextToken, ['number', 'string'])
      const after = place && { createdAt: new Date(place[0]), id: place[1] }
      const rows = await listJoinTokens(context, actor, { after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ createdAt, id }) => [createdAt.getTime(), id], present)
    },
  )

  routes.post(
    '/api/v1/join-tokens',
    {
      // The use case authorises the token with its labels.
      config: { access: 'use-case' },
      schema: {
        tags,
        summary: 'Create a join token',
        description:
          'The token is returned only in this response. Anyone with the token can enrol instances until it expires.',
        body: joinTokenInputSchema,
        response: { 201: createdJoinTokenSchema },
      },
    },
    async ({ actor, body, raw }, reply) => {
      const made = await createJoinToken(context, actor, {
        ...body,
        uses: body.uses === 'unlimited' ? undefined : body.uses,
      })
      // Behind a proxy, instances see the certificate of the proxy.
      const caSha256 = peers.read(raw).isProxied ? undefined : identity?.authorities?.digest
      return reply.code(201).send({ ...present(made), token: made.token, publicUrl, caSha256 })
    },
  )

  routes.delete(
    '/api/v1/join-tokens/:id',
    {
      config: { access: [{ action: 'chandler:RevokeJoinToken', on: 'join-token/{params.id}' }] },
      schema: {
        tags,
        summary: 'Revoke a join token',
        params: z.object({ id: z.string().max(128) }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { id } }, reply) => {
      await revokeJoinToken(context, actor, id)
      return reply.code(204).send()
    },
  )
}

const present = (token: JoinTokenRecord) => ({
  id: token.id,
  uses: token.uses,
  usesLeft: token.usesLeft,
  expiresAt: token.expiresAt.toISOString(),
  createdAt: token.createdAt.toISOString(),
  tags: { ...token.tags },
  resourceGroup: token.resourceGroup,
  role: token.role,
  allowedTags: [...token.allowedTags],
  approve: token.approve,
  install: (token.bootProfile?.extensions ?? []).map((one) => ({ ...one, parameters: { ...one.parameters } })),
})
