import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { extensionNameSchema, versionLabelSchema } from '../../../../protocol/api/extensions.ts'
import { type SignedVersionView, signatureInputSchema, signedVersionSchema } from '../../../../protocol/api/trust.ts'
import type { AppContext } from '../../../app/context.ts'
import { addVersionSignature, getSignedVersion, type SignedVersion } from '../../../app/trust/version-signatures.ts'
import { presentSignature } from '../../present/present-signature.ts'

const tags = ['extensions']
const params = z.object({ name: extensionNameSchema, version: versionLabelSchema })
const url = '/api/v1/extensions/:name/versions/:version/signatures'

export function registerVersionSignatureRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'clock'>,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    url,
    {
      config: { access: [{ action: 'oos:GetTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Get the canonical bytes of a version and their signatures',
        params,
        response: { 200: signedVersionSchema },
      },
    },
    async ({ actor, params: { name, version } }) => present(await getSignedVersion(context, actor, name, version)),
  )

  routes.post(
    url,
    {
      config: { access: [{ action: 'oos:UpdateTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Add a signature to a version',
        description:
          'An SSH signature over the canonical bytes, in the namespace chandler-version or chandler-rollback. The server verifies it; the trust file of each instance decides whether its key may publish.',
        params,
        body: signatureInputSchema,
        response: { 201: signedVersionSchema },
      },
    },
    async ({ actor, params: { name, version }, body }, reply) =>
      reply.code(201).send(present(await addVersionSignature(context, actor, name, version, body.signature))),
  )
}

const present = ({ signatures, ...version }: SignedVersion): SignedVersionView => ({
  ...version,
  signatures: signatures.map(presentSignature),
})
