import {
  type UploadedArtifact,
  type UploadView,
  uploadedArtifactSchema,
  uploadSchema,
} from '../protocol/api/extensions.ts'
import { ClientError, UnreachableError } from './client-error.ts'
import { pathOf, type Transport } from './transport.ts'

/** The file to upload: a File or another Blob in a browser. */
export interface Sliceable {
  readonly size: number
  slice(start: number, end: number): unknown
}

export interface ResumableOptions {
  /** Id of an unfinished upload, for example of a page that was closed. */
  readonly uploadId?: string | undefined
  /** The server refuses bytes with another digest. */
  readonly sha256?: string | undefined
  readonly onBegin?: (upload: UploadView) => void
  /** Bytes that the server has, after every chunk. */
  readonly onProgress?: (sentBytes: number, sizeBytes: number) => void
  /** Called when the connection is lost, before the retry. */
  readonly onLost?: (error: ClientError) => void
  /** Time without progress after which the upload fails; it can be resumed later. */
  readonly retryTimeoutMs?: number
  readonly pieceBytes?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * What a slow connection sends in a few seconds: at most so much is sent again after an
 * interruption.
 */
const defaultPieceBytes = 4 * 1024 * 1024
const defaultRetryTimeoutMs = 5 * 60_000
const firstDelayMs = 500
const maxDelayMs = 10_000

/** Resumable uploads of artifacts. */
export const createUploadsClient = (transport: Transport) => {
  const create = (sizeBytes: number) => transport.request('POST', '/uploads', uploadSchema, { body: { sizeBytes } })
  const get = (id: string, signal?: AbortSignal) =>
    transport.request('GET', pathOf`/uploads/${id}`, uploadSchema, { signal })
  const append = (
    id: string,
    offset: number,
    piece: { readonly body: unknown; readonly sizeBytes: number; readonly signal?: AbortSignal | undefined },
  ) => transport.upload(pathOf`/uploads/${id}`, uploadSchema, { ...piece, query: { offset } })
  const finish = (id: string, sha256?: string, signal?: AbortSignal): Promise<UploadedArtifact> =>
    transport.request('POST', pathOf`/uploads/${id}/finish`, uploadedArtifactSchema, { body: { sha256 }, signal })

  return {
    create,
    get,
    append,
    finish,
    delete: (id: string) => transport.send('DELETE', pathOf`/uploads/${id}`),

    /** Uploads a whole file, resuming after lost connections, and creates an artifact from it. */
    async send(file: Sliceable, options: ResumableOptions = {}): Promise<UploadedArtifact> {
      const { signal, onProgress, pieceBytes = defaultPieceBytes } = options
      const again = createRetry(options)
      let upload = await again(() =>
        options.uploadId === undefined ? create(file.size) : get(options.uploadId, signal),
      )
      const { id } = upload
      options.onBegin?.(upload)
      while (upload.offset < file.size) {
        onProgress?.(upload.offset, file.size)
        const { offset } = upload
        const end = Math.min(file.size, offset + pieceBytes)
        const piece = { body: file.slice(offset, end), sizeBytes: end - offset, signal }
        let isLost = false
        upload = await again(async () => {
          // The server keeps the part of an interrupted chunk that arrived.
          if (isLost) return await get(id, signal)
          isLost = true
          return await append(id, offset, piece)
        })
      }
      onProgress?.(file.size, file.size)
      return await again(() => finish(id, options.sha256, signal))
    },
  }
}

/** Retries after a lost connection or a restart of the server; not after a refusal. */
function createRetry({ signal, onLost, retryTimeoutMs = defaultRetryTimeoutMs }: ResumableOptions) {
  return async <Value>(attempt: () => Promise<Value>): Promise<Value> => {
    const from = performance.now()
    for (let failures = 0; ; failures++) {
      try {
        return await attempt()
      } catch (error) {
        if (signal?.aborted || !(error instanceof ClientError) || !mayPass(error)) throw error
        if (performance.now() - from >= retryTimeoutMs) throw error
        onLost?.(error)
      }
      await wait(Math.min(maxDelayMs, firstDelayMs * 2 ** failures) * (0.5 + Math.random() / 2), signal)
    }
  }
}

const mayPass = (error: ClientError) => error instanceof UnreachableError || [502, 503, 504].includes(error.status)

const wait = (delayMs: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(finish, delayMs)
    function finish() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    signal?.addEventListener('abort', finish)
  })
