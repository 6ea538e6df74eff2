import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { bucketInputSchema, bucketSchema } from '../../../../protocol/api/buckets.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import { bucketNameSchema } from '../../../../protocol/configuration.ts'
import { createBucket } from '../../../app/artifact/create-bucket.ts'
import { deleteBucket } from '../../../app/artifact/delete-bucket.ts'
import { listBuckets } from '../../../app/artifact/list-buckets.ts'
import type { AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const tags = ['buckets']

export function registerBucketRoutes(api: FastifyInstance, context: Pick<AppContext, 'database' | 'clock'>): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/buckets',
    {
      config: { access: [{ action: 'oss:ListBuckets', on: '*' }] },
      schema: {
        tags,
        summary: 'List buckets',
        description: 'Sorted by name, without the built-in bucket `chandler-artifacts`.',
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(bucketSchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listBuckets(context, actor, { after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ name }) => [name], present)
    },
  )

  routes.post(
    '/api/v1/buckets',
    {
      config: { access: [{ action: 'oss:PutBucket', on: '{body.name}' }] },
      schema: { tags, summary: 'Create a bucket', body: bucketInputSchema, response: { 201: bucketSchema } },
    },
    async ({ actor, body }, reply) => reply.code(201).send(present(await createBucket(context, actor, body.name))),
  )

  routes.delete(
    '/api/v1/buckets/:bucket',
    {
      config: { access: [{ action: 'oss:DeleteBucket', on: '{params.bucket}' }] },
      schema: {
        tags,
        summary: 'Delete an empty bucket',
        params: z.object({ bucket: bucketNameSchema }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { bucket } }, reply) => {
      await deleteBucket(context, actor, bucket)
      return reply.code(204).send()
    },
  )
}

const present = ({ name, createdBy, createdAt }: Awaited<ReturnType<typeof createBucket>>) => ({
  name,
  createdBy,
  createdAt: createdAt.toISOString(),
})
