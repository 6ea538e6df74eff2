import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { artifactBucket, fileNameOf } from '../../../../core/artifact/artifact-object.ts'
import { maxObjectKeyBytes } from '../../../../core/limits.ts'
import { objectParamsSchema, objectSchema } from '../../../../protocol/api/buckets.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import { bucketNameSchema, sha256Schema } from '../../../../protocol/configuration.ts'
import { authorise, resourceFor } from '../../../app/access/authorise.ts'
import { deleteObject } from '../../../app/artifact/delete-object.ts'
import { listObjects } from '../../../app/artifact/list-objects.ts'
import { openObject } from '../../../app/artifact/open-object.ts'
import { nameArtifact, putObject } from '../../../app/artifact/put-object.ts'
import type { Actor, AppContext } from '../../../app/context.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'
import { dispositionOf, sendBytes } from '../../http/send-bytes.ts'
import { idleTimeoutMs, receiveUpload, registerUploads } from './receive-upload.ts'

const tags = ['buckets']
const address = '/api/v1/buckets/:bucket/objects/*'

type ObjectRouteContext = Pick<AppContext, 'database' | 'objects' | 'clock' | 'log' | 'region'>

/** The key is the rest of the path, slashes included. */
export function registerObjectRoutes(api: FastifyInstance, context: ObjectRouteContext): void {
  registerUploads(api, (scope) => registerPut(scope, context))
  registerRead(api, context)
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/buckets/:bucket/objects',
    {
      config: { access: [{ action: 'oss:ListObjects', on: '{params.bucket}' }] },
      schema: {
        tags,
        summary: 'List the objects of a bucket',
        description: 'Sorted by the bytes of the keys. `prefix` filters by the beginning of the key.',
        params: z.object({ bucket: bucketNameSchema }),
        querystring: z.strictObject({ ...pageQuerySchema.shape, prefix: z.string().max(maxObjectKeyBytes).optional() }),
        response: { 200: pageOf(objectSchema) },
      },
    },
    async ({ actor, params: { bucket }, query: { maxResults, nextToken, prefix } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listObjects(context, actor, bucket, { prefix, after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ key }) => [key], present)
    },
  )

  routes.delete(
    address,
    {
      config: { access: [{ action: 'oss:DeleteObject', on: '{params.bucket}/{params.*}' }] },
      schema: {
        tags,
        summary: 'Delete an object',
        description: 'Versions created with the object keep their artifact.',
        params: objectParamsSchema,
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { bucket, '*': key } }, reply) => {
      await deleteObject(context, actor, { bucket, key })
      return reply.code(204).send()
    },
  )
}

function registerPut(scope: FastifyInstance, context: ObjectRouteContext): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  routes.put(
    address,
    {
      config: { access: [{ action: 'oss:PutObject', on: '{params.bucket}/{params.*}' }], upload: true },
      schema: {
        tags,
        summary: 'Upload an object',
        description:
          'The body is the file, as for an artifact. Without a body, `artifact` is the SHA-256 of an uploaded artifact that the caller may read. Replaces an existing object; versions keep the artifact they were created with.',
        consumes: ['application/octet-stream'],
        params: objectParamsSchema,
        querystring: z.strictObject({ artifact: sha256Schema.optional() }),
        body: z.any().meta({ type: 'string', format: 'binary' }),
        headers: z.looseObject({ 'x-content-sha256': sha256Schema.optional() }),
        response: { 200: objectSchema },
      },
    },
    async (request, reply) => {
      const { bucket, '*': key } = request.params
      const { artifact } = request.query
      if (artifact !== undefined) {
        authoriseArtifact(context, request.actor, `${artifact}/${fileNameOf(key)}`)
        return present(await nameArtifact(context, request.actor, { bucket, key }, artifact))
      }
      const object = await receiveUpload(request, reply, request.headers['x-content-sha256'], (upload) =>
        putObject(context, request.actor, { bucket, key }, upload),
      )
      return present(object)
    },
  )
}

/**
 * Naming an artifact makes it readable under that name: this is a copy and requires the permissions
 * of one.
 */
const authoriseArtifact = (context: ObjectRouteContext, actor: Actor, key: string) =>
  authorise(context, actor, {
    action: 'oss:GetObject',
    resource: resourceFor(context, actor, 'oss:GetObject', `${artifactBucket}/${key}`),
  })

function registerRead(api: FastifyInstance, context: ObjectRouteContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.route({
    method: ['GET', 'HEAD'],
    url: address,
    config: { access: [{ action: 'oss:GetObject', on: '{params.bucket}/{params.*}' }] },
    schema: { tags, summary: 'Download an object', produces: ['application/octet-stream'], params: objectParamsSchema },
    handler: async (request, reply) => {
      const { bucket, '*': key } = request.params
      const { sha256, sizeBytes, read } = await openObject(context, request.actor, { bucket, key })
      reply
        .header('etag', `"${sha256}"`)
        .header('cache-control', 'private, no-transform')
        .header('content-type', 'application/octet-stream')
        .header('content-disposition', dispositionOf(fileNameOf(key)))
      if (request.method === 'HEAD') return reply.header('content-length', sizeBytes).send()
      const bytes = await read()
      reply.raw.setTimeout(idleTimeoutMs)
      await sendBytes(reply, bytes, sizeBytes, (error) =>
        context.log.error('reading an object failed', { bucket, key, error }),
      )
      return reply
    },
  })
}

const present = ({ bucket, key, sha256, sizeBytes, updatedAt }: Awaited<ReturnType<typeof putObject>>) => ({
  bucket,
  key,
  sha256,
  sizeBytes,
  updatedAt: updatedAt.toISOString(),
})
