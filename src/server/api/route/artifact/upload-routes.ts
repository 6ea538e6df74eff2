import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { maxArtifactBytes } from '../../../../core/limits.ts'
import {
  finishUploadSchema,
  type UploadView as UploadAnswer,
  uploadedArtifactSchema,
  uploadInputSchema,
  uploadSchema,
} from '../../../../protocol/api/extensions.ts'
import {
  appendUpload,
  createUpload,
  deleteUpload,
  finishUpload,
  readUpload,
  type UploadRecord,
} from '../../../app/artifact/resume-upload.ts'
import type { AppContext } from '../../../app/context.ts'
import { receiveUpload, registerUploads } from './receive-upload.ts'

const tags = ['artifacts']
const params = z.object({ id: z.string().min(1).max(64) })
const access = [{ action: 'oss:PutObject', on: 'chandler-artifacts/*' }] as const

type UploadRouteContext = Pick<AppContext, 'database' | 'objects' | 'clock' | 'random'>

/** Resumable uploads of artifacts. */
export function registerUploadRoutes(api: FastifyInstance, context: UploadRouteContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.post(
    '/api/v1/uploads',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Start a resumable upload',
        description:
          'Send parts of any size with `PUT …?offset=`, then finish the upload. After a lost connection, `GET` returns the offset to continue from. The server ' +
          'deletes uploads that are idle for one day.',
        body: uploadInputSchema,
        response: { 201: uploadSchema },
      },
    },
    async ({ actor, body }, reply) => {
      const upload = await createUpload(context, actor, body.sizeBytes)
      return reply.code(201).header('location', `/api/v1/uploads/${upload.id}`).send(present(upload))
    },
  )

  routes.get(
    '/api/v1/uploads/:id',
    {
      config: { access },
      schema: { tags, summary: 'Get the offset of an upload', params, response: { 200: uploadSchema } },
    },
    async ({ actor, params: { id } }) => present(await readUpload(context, actor, id)),
  )

  routes.post(
    '/api/v1/uploads/:id/finish',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Finish an upload',
        description: 'Creates the artifact once all bytes are received. Idempotent.',
        params,
        body: finishUploadSchema.nullish(),
        response: { 200: uploadedArtifactSchema },
      },
    },
    async ({ actor, params: { id }, body }) => finishUpload(context, actor, id, body?.sha256),
  )

  routes.delete(
    '/api/v1/uploads/:id',
    { config: { access }, schema: { tags, summary: 'Cancel an upload', params, response: { 204: z.undefined() } } },
    async ({ actor, params: { id } }, reply) => {
      await deleteUpload(context, actor, id)
      return reply.code(204).send()
    },
  )

  registerUploads(api, (scope) => registerPiece(scope, context))
}

function registerPiece(scope: FastifyInstance, context: UploadRouteContext): void {
  scope.withTypeProvider<ZodTypeProvider>().put(
    '/api/v1/uploads/:id',
    {
      config: { access, upload: true },
      schema: {
        tags,
        summary: 'Upload a part',
        description:
          'The offset must not exceed the number of received bytes. The server keeps received bytes even if the connection is lost.',
        consumes: ['application/octet-stream'],
        params,
        querystring: z.strictObject({ offset: z.coerce.number().int().min(0).max(maxArtifactBytes) }),
        body: z.any().meta({ type: 'string', format: 'binary' }),
        response: { 200: uploadSchema },
      },
    },
    async (request, reply) => {
      const { offset } = request.query
      const upload = await receiveUpload(request, reply, undefined, ({ bytes }) =>
        appendUpload(context, request.actor, request.params.id, { offset, bytes }),
      )
      return present(upload)
    },
  )
}

const present = (upload: UploadRecord): UploadAnswer => ({ ...upload, expiresAt: upload.expiresAt.toISOString() })
