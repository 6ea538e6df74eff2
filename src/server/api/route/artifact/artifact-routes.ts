import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { artifactMetadataSchema, uploadedArtifactSchema } from '../../../../protocol/api/extensions.ts'
import { sha256Schema } from '../../../../protocol/configuration.ts'
import { findArtifact } from '../../../app/artifact/find-artifact.ts'
import { openArtifact, type VerifyArtifactAddress } from '../../../app/artifact/open-artifact.ts'
import { readArtifactMetadata } from '../../../app/artifact/read-artifact-metadata.ts'
import { uploadArtifact } from '../../../app/artifact/upload-artifact.ts'
import type { AppContext } from '../../../app/context.ts'
import { parseByteRange } from '../../http/byte-range.ts'
import { markProven } from '../../http/guard-connections.ts'
import { dispositionOf, sendBytes } from '../../http/send-bytes.ts'
import { idleTimeoutMs, receiveUpload, registerUploads } from './receive-upload.ts'

export type ArtifactRouteContext = Pick<AppContext, 'agentBundles' | 'database' | 'objects' | 'clock' | 'log'> & {
  readonly verifyArtifactAddress: VerifyArtifactAddress
}

/**
 * Upload and look-up require authentication (`/api/v1`); downloads carry their permission in their
 * URL (`/artifacts`).
 */
export function registerArtifactRoutes(api: FastifyInstance, context: ArtifactRouteContext): void {
  registerUploads(api, (scope) => registerUpload(scope, context))
  registerMetadata(api, context)
  registerDownload(api, context)
}

function registerUpload(scope: FastifyInstance, context: ArtifactRouteContext) {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  routes.put(
    '/api/v1/artifacts',
    {
      config: { access: [{ action: 'oss:PutObject', on: 'chandler-artifacts/*' }], upload: true },
      schema: {
        tags: ['artifacts'],
        summary: 'Upload an artifact',
        description:
          'The body is the file, of any content type, up to 10 GiB. With X-Content-Sha256, the server refuses corrupted data. An interrupted upload is discarded and must be restarted.',
        consumes: ['application/octet-stream'],
        body: z.any().meta({ type: 'string', format: 'binary' }),
        headers: z.looseObject({ 'x-content-sha256': sha256Schema.optional() }),
        response: { 200: uploadedArtifactSchema },
      },
    },
    (request, reply) =>
      receiveUpload(request, reply, request.headers['x-content-sha256'], (upload) =>
        uploadArtifact(context, request.actor, upload),
      ),
  )

  routes.head(
    '/api/v1/artifacts/:sha256',
    {
      config: { access: [{ action: 'oss:PutObject', on: 'chandler-artifacts/*' }] },
      schema: {
        tags: ['artifacts'],
        summary: 'Check whether an artifact exists',
        description:
          '200: the account has uploaded the artifact; the server keeps it for at least one more day. 404: the artifact must be uploaded.',
        params: z.object({ sha256: sha256Schema }),
      },
    },
    async (request, reply) => {
      const { sha256 } = await findArtifact(context, request.actor, request.params.sha256)
      return reply.header('etag', `"${sha256}"`).send()
    },
  )
}

function registerMetadata(api: FastifyInstance, context: ArtifactRouteContext) {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/artifacts/:sha256/metadata',
    {
      config: { access: [{ action: 'oss:PutObject', on: 'chandler-artifacts/*' }] },
      schema: {
        tags: ['artifacts'],
        summary: 'Get the metadata of an artifact',
        description:
          'Returns the kind and, for deb, rpm and msi packages, the name, version, architecture and dependencies from the package.',
        params: z.object({ sha256: sha256Schema }),
        response: { 200: artifactMetadataSchema },
      },
    },
    async ({ actor, params: { sha256 } }) => {
      const { facts, ...metadata } = await readArtifactMetadata(context, actor, sha256)
      return { ...metadata, ...(facts && { package: { ...facts, dependencies: [...facts.dependencies] } }) }
    },
  )
}

function registerDownload(api: FastifyInstance, context: ArtifactRouteContext) {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.route({
    method: ['GET', 'HEAD'],
    // The file name is a wildcard, because Fastify limits the length of named parts.
    url: '/artifacts/:sha256/*',
    // Deliberately loose: an invalid URL has no valid signature.
    schema: {
      hide: true,
      params: z.object({ sha256: z.string(), '*': z.string() }),
      querystring: z.object({ expires: z.string().catch(''), signature: z.string().catch('') }),
    },
    handler: async (request, reply) => {
      const { sha256, '*': fileName } = request.params
      const artifact = await openArtifact(context, { sha256, fileName, ...request.query })
      markProven(request)
      const { sizeBytes } = artifact
      const etag = `"${sha256}"`
      reply
        .header('etag', etag)
        .header('accept-ranges', 'bytes')
        .header('cache-control', 'private, no-transform')
        .header('x-content-type-options', 'nosniff')

      const ifRange = request.headers['if-range']
      const isRangeGood = request.method === 'GET' && (ifRange === undefined || ifRange === etag)
      const range = parseByteRange(isRangeGood ? request.headers.range : undefined, sizeBytes)
      if (range === 'outside') {
        reply.header('content-range', `bytes */${sizeBytes}`)
        throw chandlerError('ArtifactRangeInvalid', { sizeBytes })
      }
      const { start, end } = range === 'all' ? { start: 0, end: sizeBytes - 1 } : range
      if (range !== 'all') reply.code(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`)
      reply.header('content-type', 'application/octet-stream').header('content-disposition', dispositionOf(fileName))
      const lengthBytes = end - start + 1
      if (request.method === 'HEAD') return reply.header('content-length', lengthBytes).send()

      const bytes = await artifact.read({ start, end })
      reply.raw.setTimeout(idleTimeoutMs)
      await sendBytes(reply, bytes, lengthBytes, (error) =>
        context.log.error('artifact download failed', { sha256, error }),
      )
      return reply
    },
  })
}
