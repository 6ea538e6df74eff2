import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { parseSshPublicKey } from '../../../../lib/ssh-signature.ts'
import { publishedTrustFileSchema, trustFileInputSchema } from '../../../../protocol/api/trust.ts'
import { parseTrustFile, TrustFileInvalid } from '../../../../protocol/trust-file.ts'
import type { Actor, AppContext } from '../../../app/context.ts'
import { getPublishedTrustFile, type NewTrustFile, publishTrustFile } from '../../../app/trust/trust-files.ts'

const tags = ['trust']
const url = '/api/v1/trust-file'

export function registerTrustFileRoutes(api: FastifyInstance, context: Pick<AppContext, 'database' | 'clock'>): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  const show = async (actor: Actor) => {
    const found = await getPublishedTrustFile(context, actor)
    if (!found) throw chandlerError('TrustFileNotFound', {})
    const { approvers: _, ...shown } = found
    return { ...shown, signatures: [...found.signatures], createdAt: found.createdAt.toISOString() }
  }
  routes.get(
    url,
    {
      config: { access: [{ action: 'chandler:GetTrustFile', on: 'trust-file' }] },
      schema: { tags, summary: 'Get the published trust file', response: { 200: publishedTrustFileSchema } },
    },
    async ({ actor }) => show(actor),
  )

  routes.put(
    url,
    {
      config: { access: [{ action: 'chandler:UpdateTrustFile', on: 'trust-file' }] },
      schema: {
        tags,
        summary: 'Publish a trust file',
        description:
          'Delivers it to the instances that have a trust file with a lower version. Each instance verifies that its root keys and those of the new file signed it.',
        body: trustFileInputSchema,
        response: { 200: publishedTrustFileSchema },
      },
    },
    async ({ actor, body: { content, signatures } }) => {
      await publishTrustFile(context, actor, { ...parsePublished(content), content, signatures })
      return show(actor)
    },
  )
}

function parsePublished(content: string): Pick<NewTrustFile, 'version' | 'approvers'> {
  try {
    const { version, approvers, keys } = parseTrustFile(content, (line) => parseSshPublicKey(line).text)
    if (!approvers) return { version }
    const named = approvers.keys.map((name) => ({ name, publicKey: keys[name] ?? '' }))
    return { version, approvers: { ...approvers, keys: named } }
  } catch (error) {
    if (!(error instanceof TrustFileInvalid)) throw error
    throw chandlerError('TrustFileInvalid', { reason: error.message })
  }
}
