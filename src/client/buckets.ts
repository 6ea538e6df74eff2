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
  /** Refused while there are objects in it. */
  delete: (name: string) => transport.send('DELETE', pathOf`/buckets/${name}`),
})

/** The bytes of an object as they come, and their digest as the server has it: who keeps them compares it. */
export interface ObjectBytes {
  readonly sha256: string
  /** Throws UnreachableError if they end too early. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/** Objects of buckets, by their keys. A key is a path without `.` and `..`; an address would lose such parts on its way. */
export const createObjectsClient = (transport: Transport) => ({
  list: (bucket: string, query: PageQuery & { readonly prefix?: string | undefined } = {}) =>
    transport.request('GET', pathOf`/buckets/${bucket}/objects`, objectPage, { query: { ...query } }),

  /** Sends the bytes unless the server has them where the user may read them. What the key named before is replaced. */
  async put(name: ObjectName, { sha256, sizeBytes, open, signal }: ArtifactFile) {
    const named = await nameArtifact(transport, name, sha256)
    return named ?? transport.upload(addressOf(name), objectSchema, { body: await open(), sha256, sizeBytes, signal })
  },

  async get(name: ObjectName): Promise<ObjectBytes> {
    const response = await transport.open(addressOf(name), { headers: { accept: 'application/octet-stream' } })
    const [, sha256] = /^"([0-9a-f]{64})"$/.exec(response.headers.get('etag') ?? '') ?? []
    if (sha256 === undefined || response.body === null)
      throw notUnderstood(response.url, response.status, 'it is no file with its sha256')
    return { sha256, bytes: readWhole(transport.server, response.body) }
  },

  delete: (name: ObjectName) => transport.send('DELETE', addressOf(name)),
})

const addressOf = ({ bucket, key }: ObjectName) => pathOf`/buckets/${bucket}/objects/${key}`

/** Undefined if there is none, or none for this user: who has the bytes may put them all the same. */
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
