import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ChandlerError, chandlerError } from '../../../../core/error/errors.ts'
import { maxArtifactBytes } from '../../../../core/limits.ts'
import type { ArtifactUpload } from '../../../app/artifact/upload-artifact.ts'

/** A peer that neither sends nor reads a byte for this long counts as disconnected. */
export const idleTimeoutMs = 60_000

/**
 * For routes whose body is a file: whatever its content type, the body is neither parsed nor
 * buffered.
 */
export function registerUploads(api: FastifyInstance, register: (scope: FastifyInstance) => void): void {
  void api.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    register(scope)
  })
}

/**
 * Passes the body on as it arrives.
 * @throws ArtifactTooLarge, ArtifactEmpty; RequestInvalid if the sender disconnected; errors of
 * `store`
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
    // Work after the last byte (writing to disk) is not limited by the sender's timeout.
    bytes.once('end', () => reply.raw.setTimeout(0))
    return await store({ bytes, expectedSha256 })
  } catch (error) {
    if (!(error instanceof ChandlerError) && request.raw.errored !== null)
      throw chandlerError('RequestInvalid', { reason: 'the upload broke off before its end' }, {}, { cause: error })
    throw error
  }
}
