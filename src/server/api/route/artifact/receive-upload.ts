import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ChandlerError, chandlerError } from '../../../../core/error/errors.ts'
import { maxArtifactBytes } from '../../../../core/limits.ts'
import type { ArtifactUpload } from '../../../app/artifact/upload-artifact.ts'

/** A peer that neither sends nor takes a byte for so long is gone. */
export const idleTimeoutMs = 60_000

/** Routes whose body is a file: whatever the content type says, it is bytes, and nothing of it is parsed or held. */
export function registerUploads(api: FastifyInstance, register: (scope: FastifyInstance) => void): void {
  void api.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    register(scope)
  })
}

/**
 * Hands the body on as it comes.
 * @throws ArtifactTooLarge, ArtifactEmpty, RequestInvalid when the sender broke off; what `store` throws
 */
export async function receiveUpload<Stored>(
  request: FastifyRequest,
  reply: FastifyReply,
  expectedSha256: string | undefined,
  store: (upload: ArtifactUpload) => Promise<Stored>,
): Promise<Stored> {
  const declaredBytes = Number(request.headers['content-length'] ?? 0)
  const bytes = request.body as Readable | null | undefined
  try {
    if (declaredBytes > maxArtifactBytes) throw chandlerError('ArtifactTooLarge', { maxBytes: maxArtifactBytes })
    if (!bytes) throw chandlerError('ArtifactEmpty', { fileName: 'request body' })
    reply.raw.setTimeout(idleTimeoutMs)
    // What comes after the last byte (putting it on disk) is our time, not the sender's.
    bytes.once('end', () => reply.raw.setTimeout(0))
    return await store({ bytes, expectedSha256 })
  } catch (error) {
    if (!(error instanceof ChandlerError) && request.raw.errored !== null)
      throw chandlerError('RequestInvalid', { reason: 'the upload broke off before its end' }, {}, { cause: error })
    throw error
  }
}
