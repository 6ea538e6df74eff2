import type { ObjectName } from '../core/artifact/object-name.ts'
import { bucketSchema, objectSchema } from '../protocol/api/buckets.ts'
import { pageOf } from '../protocol/api/page.ts'
import type { ArtifactFile } from './artifacts.ts'
import { chunksOf } from './byte-stream.ts'
import { ClientError, notUnderstood, UnreachableError } from './client-error.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

const bucketPage = pageOf(bucketSchema)
const objectPage = pageOf(objectSchema)

/** Buckets of package files. */
export const createBucketsClient = (transport: Transport) => ({
  list: (query: PageQuery = {}) => transport.request('GET', '/buckets', bucketPage, { query: { ...query } }),
  create: (name: string) => transport.request('POST', '/buckets', bucketSchema, { body: { name } }),
  /** The server refuses this while the bucket contains objects. */
  delete: (name: string) => transport.send('DELETE', pathOf`/buckets/${name}`),
})

/**
 * The bytes of an object as a stream, and the digest that the server recorded. The caller verifies
 * the digest.
 */
export interface ObjectBytes {
  readonly sha256: string
  /** Throws UnreachableError if the stream ends early. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Objects of buckets, by key. A key is a path without `.` and `..`, because URL normalisation would
 * remove such segments.
 */
export const createObjectsClient = (transport: Transport) => ({
  list: (bucket: string, query: PageQuery & { readonly prefix?: string | undefined } = {}) =>
    transport.request('GET', pathOf`/buckets/${bucket}/objects`, objectPage, { query: { ...query } }),

  /**
   * Sends the bytes unless the server has them and the user may read them. Replaces the object that
   * the key named before.
   */
  async put(name: ObjectName, { sha256, sizeBytes, open, signal }: ArtifactFile) {
    const named = await nameArtifact(transport, name, sha256)
    return named ?? transport.upload(addressOf(name), objectSchema, { body: await open(), sha256, sizeBytes, signal })
  },

  async get(name: ObjectName): Promise<ObjectBytes> {
    const response = await transport.open(addressOf(name), { headers: { accept: 'application/octet-stream' } })
    const [, sha256] = /^"([0-9a-f]{64})"$/.exec(response.headers.get('etag') ?? '') ?? []
    if (sha256 === undefined || response.body === null)
      throw notUnderstood(response.url, response.status, 'the file has no SHA-256')
    return { sha256, bytes: readWhole(transport.server, response.body) }
  },

  delete: (name: ObjectName) => transport.send('DELETE', addressOf(name)),
})

const addressOf = ({ bucket, key }: ObjectName) => pathOf`/buckets/${bucket}/objects/${key}`

/**
 * Undefined if the object does not exist or this user may not see it; putting the same bytes may
 * still succeed.
 */
async function nameArtifact(transport: Transport, name: ObjectName, sha256: string) {
  try {
    if (!(await transport.exists(pathOf`/artifacts/${sha256}`))) return undefined
    return await transport.request('PUT', addressOf(name), objectSchema, { query: { artifact: sha256 } })
  } catch (error) {
    if (error instanceof ClientError && error.status === 403) return undefined
    throw error
  }
}

async function* readWhole(server: string, body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const chunks = chunksOf(body)
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw new UnreachableError(server, error)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    await chunks.return()
  }
}
