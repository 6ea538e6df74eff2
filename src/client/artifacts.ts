import { chandlerError } from '../core/error/errors.ts'
import { artifactMetadataSchema, type UploadedArtifact, uploadedArtifactSchema } from '../protocol/api/extensions.ts'
import { ClientError } from './client-error.ts'
import { pathOf, type Transport } from './transport.ts'

/**
 * A package file and its digest. `body` is opened only if the server does not have the bytes yet.
 */
export interface ArtifactFile {
  readonly sha256: string
  readonly sizeBytes: number
  /** A Blob in a browser; elsewhere whatever the transport's `upload` accepts. */
  readonly open: () => Promise<unknown>
  readonly signal?: AbortSignal | undefined
}

export const createArtifactsClient = (transport: Transport) => ({
  exists: (sha256: string) => transport.exists(pathOf`/artifacts/${sha256}`),

  /** File type and the metadata that the package contains. */
  getMetadata: (sha256: string) =>
    transport.request('GET', pathOf`/artifacts/${sha256}/metadata`, artifactMetadataSchema),

  /**
   * Sends the bytes unless the server has them. Throws ArtifactDigestMismatch if they were
   * corrupted on the way.
   */
  async upload({ sha256, sizeBytes, open, signal }: ArtifactFile): Promise<UploadedArtifact> {
    if (await transport.exists(pathOf`/artifacts/${sha256}`)) return { sha256, sizeBytes, existed: true }
    const stored = await transport.upload('/artifacts', uploadedArtifactSchema, {
      body: await open(),
      sha256,
      sizeBytes,
      signal,
    })
    if (stored.sha256 !== sha256) throw digestMismatch(stored.sha256, sha256)
    return stored
  },
})

/** The bytes that arrived (at the server or here) do not have the expected digest. */
export function digestMismatch(actual: string, expected: string): ClientError {
  const error = chandlerError('ArtifactDigestMismatch', { actual, expected })
  const { code, status, message, next } = error
  return new ClientError({ code, status, detail: message, next, arguments: error.arguments })
}
