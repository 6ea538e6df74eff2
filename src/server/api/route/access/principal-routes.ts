import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PrincipalKind } from '../../../../core/access/principal.ts'
import { principalInputSchema, principalSchema, userInputSchema } from '../../../../protocol/api/access.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { Authenticator } from '../../../app/access/authenticate.ts'
import { createPrincipal } from '../../../app/access/create-principal.ts'
import { deleteRole } from '../../../app/access/delete-role.ts'
import { deleteUser } from '../../../app/access/delete-user.ts'
import { getPrincipal, listPrincipals, type PrincipalRecord } from '../../../app/access/list-principals.ts'
import { setPolicyAttached } from '../../../app/access/policy/set-policy-attached.ts'
import type { AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const nameSchema = z.string().min(1).max(64)
const params = z.object({ name: nameSchema })

const kinds = {
  user: {
    path: '/api/v1/users',
    word: 'User',
    input: userInputSchema,
    remove: deleteUser,
    deletion:
      'Refused while the user has policies or an enabled access key, unless `force` is set. Deletes the access keys of the user.',
  },
  role: {
    path: '/api/v1/roles',
    word: 'Role',
    input: principalInputSchema,
    remove: deleteRole,
    deletion:
      'Refused while instances or join tokens have the role, unless `force` is set. The server then hands no work to those instances until they have another role.',
  },
} as const satisfies Record<PrincipalKind, unknown>

/** Registers the same routes for users and for roles. */
export function registerPrincipalRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock'>,
  authenticator: Pick<Authenticator, 'forgetAll'>,
): void {
  for (const kind of ['user', 'role'] as const) {
    registerReading(api, context, kind)
    registerChanging(api, context, authenticator, kind)
  }
}

function registerReading(api: FastifyInstance, context: Pick<AppContext, 'database'>, kind: PrincipalKind) {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const { path, word } = kinds[kind]
  routes.get(
    path,
    {
      config: { access: [{ action: `ram:List${word}s`, on: `${kind}/*` }] },
      schema: {
        tags: [`${kind}s`],
        summary: `List ${kind}s`,
        description: 'Sorted by name.',
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(principalSchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listPrincipals(context, actor, kind, { after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ name }) => [name], present)
    },
  )

  routes.get(
    `${path}/:name`,
    {
      config: { access: [{ action: `ram:Get${word}`, on: `${kind}/{params.name}` }] },
      schema: { tags: [`${kind}s`], summary: `Get a ${kind}`, params, response: { 200: principalSchema } },
    },
    async ({ actor, params: { name } }) => present(await getPrincipal(context.database, actor, kind, name)),
  )
}

function registerChanging(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock'>,
  authenticator: Pick<Authenticator, 'forgetAll'>,
  kind: PrincipalKind,
) {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const { path, word, input, remove, deletion } = kinds[kind]
  const tags = [`${kind}s`]
  routes.post(
    path,
    {
      config: { access: [{ action: `ram:Create${word}`, on: `${kind}/{body.name}` }] },
      schema: {
        tags,
        summary: `Create a ${kind}`,
        description: `A ${kind} without policies has no permissions.`,
        body: input,
        response: { 201: principalSchema },
      },
    },
    async ({ actor, body }, reply) => reply.code(201).send(present(await createPrincipal(context, actor, kind, body))),
  )

  routes.delete(
    `${path}/:name`,
    {
      config: { access: [{ action: `ram:Delete${word}`, on: `${kind}/{params.name}` }] },
      schema: {
        tags,
        summary: `Delete a ${kind}`,
        description: deletion,
        params,
        querystring: z.strictObject({ force: z.stringbool().default(false) }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { name }, query }, reply) => {
      await remove(context, actor, name, query)
      authenticator.forgetAll()
      return reply.code(204).send()
    },
  )

  for (const attached of [true, false]) {
    const verb = attached ? 'Attach' : 'Detach'
    const action = `ram:${verb}Policy${attached ? 'To' : 'From'}${word}`
    routes.route({
      method: attached ? 'PUT' : 'DELETE',
      url: `${path}/:name/policies/:policy`,
      config: {
        access: [
          { action, on: `${kind}/{params.name}` },
          { action, on: 'policy/{params.policy}' },
        ],
      },
      schema: {
        tags,
        summary: `${verb} a policy ${attached ? 'to' : 'from'} a ${kind}`,
        description:
          'Takes effect immediately on this server, within 5 s on other servers, and for instances with the next task.',
        params: z.object({ name: nameSchema, policy: nameSchema }),
        response: { 204: z.undefined() },
      },
      handler: async ({ actor, params }, reply) => {
        await setPolicyAttached(context, actor, kind, { ...params, attached })
        authenticator.forgetAll()
        return reply.code(204).send()
      },
    })
  }
}

const present = ({ name, description, builtIn, policies, service, createdAt }: PrincipalRecord) => ({
  service,
  name,
  description,
  builtIn,
  policies: [...policies],
  createdAt: createdAt?.toISOString(),
})
