import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  policyDetailSchema,
  policyInputSchema,
  policySchema,
  policyUpdateSchema,
} from '../../../../protocol/api/access.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { Authenticator } from '../../../app/access/authenticate.ts'
import { createPolicy } from '../../../app/access/policy/create-policy.ts'
import { deletePolicy } from '../../../app/access/policy/delete-policy.ts'
import { listPolicies, type PolicyRecord, readPolicy } from '../../../app/access/policy/list-policies.ts'
import { updatePolicy } from '../../../app/access/policy/update-policy.ts'
import type { AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const tags = ['policies']
const params = z.object({ name: z.string().min(1).max(64) })

export function registerPolicyRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock'>,
  authenticator: Pick<Authenticator, 'forgetAll'>,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/policies',
    {
      config: { access: [{ action: 'ram:ListPolicies', on: 'policy/*' }] },
      schema: {
        tags,
        summary: 'List policies',
        description: 'Returns all policies, including the built-in ones, sorted by name.',
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(policySchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listPolicies(context, actor, { after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ name }) => [name], present)
    },
  )

  routes.get(
    '/api/v1/policies/:name',
    {
      config: { access: [{ action: 'ram:GetPolicy', on: 'policy/{params.name}' }] },
      schema: {
        tags,
        summary: 'Get a policy and the users and roles it is attached to',
        params,
        response: { 200: policyDetailSchema },
      },
    },
    async ({ actor, params: { name } }) => {
      const policy = await readPolicy(context, actor, name)
      return { ...present(policy), attachedTo: [...policy.attachedTo] }
    },
  )

  routes.post(
    '/api/v1/policies',
    {
      config: { access: [{ action: 'ram:CreatePolicy', on: 'policy/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create a policy',
        description: 'Takes a RAM policy document. The response reports every error with its position.',
        body: policyInputSchema,
        response: { 201: policySchema },
      },
    },
    async ({ actor, body }, reply) => reply.code(201).send(present(await createPolicy(context, actor, body))),
  )

  routes.put(
    '/api/v1/policies/:name',
    {
      config: { access: [{ action: 'ram:UpdatePolicy', on: 'policy/{params.name}' }] },
      schema: {
        tags,
        summary: 'Replace the document of a policy',
        description: 'Takes effect immediately on this server, and within 5 s on other servers.',
        params,
        body: policyUpdateSchema,
        response: { 200: policySchema },
      },
    },
    async ({ actor, params: { name }, body }) => {
      const policy = await updatePolicy(context, actor, name, body)
      authenticator.forgetAll()
      return present(policy)
    },
  )

  routes.delete(
    '/api/v1/policies/:name',
    {
      config: { access: [{ action: 'ram:DeletePolicy', on: 'policy/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a policy',
        description:
          'Refused while the policy is attached. With `force`, the policy is detached from all users and roles.',
        params,
        querystring: z.strictObject({ force: z.stringbool().default(false) }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { name }, query }, reply) => {
      await deletePolicy(context, actor, name, query)
      authenticator.forgetAll()
      return reply.code(204).send()
    },
  )
}

const present = ({ name, description, builtIn, document, createdAt, updatedAt }: PolicyRecord) => ({
  name,
  description,
  builtIn,
  document: document as Record<string, unknown>,
  createdAt: createdAt?.toISOString(),
  updatedAt: updatedAt?.toISOString(),
})
