import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { agentPlatforms } from '../../../../core/instance/agent-program.ts'
import { signatureInputSchema, signedAgentsSchema } from '../../../../protocol/api/trust.ts'
import type { AppContext } from '../../../app/context.ts'
import { addAgentSignature, listSignedAgents } from '../../../app/trust/agent-signatures.ts'
import { presentSignature } from '../../present/present-signature.ts'

const tags = ['trust']

export function registerAgentSignatureRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock' | 'agentBundles'>,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/agent-bundles',
    {
      config: { access: [{ action: 'chandler:ListAgentBundles', on: 'agent-bundle/*' }] },
      schema: {
        tags,
        summary: 'List the agents of this server with their signatures',
        response: { 200: signedAgentsSchema },
      },
    },
    async ({ actor }) => {
      const items = await listSignedAgents(context, actor)
      return {
        items: items.map(({ signatures, ...one }) => ({ ...one, signatures: signatures.map(presentSignature) })),
      }
    },
  )

  routes.post(
    '/api/v1/agent-bundles/:arch/signatures',
    {
      config: { access: [{ action: 'chandler:SignAgentBundle', on: 'agent-bundle/{params.arch}' }] },
      schema: {
        tags,
        summary: 'Add a signature of the release key to an agent',
        description: 'An SSH signature over the canonical bytes, in the namespace chandler-agent or chandler-rollback.',
        params: z.object({ arch: z.enum(agentPlatforms) }),
        body: signatureInputSchema,
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { arch }, body }, reply) => {
      await addAgentSignature(context, actor, arch, body.signature)
      return reply.code(204).send()
    },
  )
}
