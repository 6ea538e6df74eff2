// Artifacts and the object store: the store may be slow or away, so that it is called outside of transactions.
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256Of } from '../../src/lib/digest.ts'
import type { ObjectStore } from '../../src/objects/object-store.ts'
import { collectArtifacts } from '../../src/server/app/artifact/collect-artifacts.ts'
import { createBucket } from '../../src/server/app/artifact/create-bucket.ts'
import { deleteObject } from '../../src/server/app/artifact/delete-object.ts'
import { putObject } from '../../src/server/app/artifact/put-object.ts'
import { uploadArtifact } from '../../src/server/app/artifact/upload-artifact.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane/control-plane.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane.stop())

const sha256 = sha256Of('bytes')
const upload = () => ({ bytes: Readable.from([Buffer.from('bytes')]) })
/** Everything counts as old. */
const olderThanMs = -60_000
const countRows = async (table: string) => (await plane.db.pool.query(`select from ${table}`)).rowCount

test('bytes whose removal failed are removed by the next collection, unless they were uploaded again', async () => {
  const { context } = plane
  const { objects } = context
  const failing: ObjectStore = { ...objects, remove: () => Promise.reject(new Error('the store is away')) }
  const interrupt = async () => {
    await uploadArtifact(context, actor, upload())
    const collecting = collectArtifacts({ ...context, objects: failing }, { olderThanMs })
    await expect(collecting).rejects.toThrow('the store is away')
    expect(await countRows('artifacts')).toBe(0)
    expect(await objects.find(sha256)).toBeDefined()
  }
  await interrupt()
  expect(await collectArtifacts(context)).toMatchObject({ removed: 1, removedBytes: 5 })
  expect(await objects.find(sha256)).toBeUndefined()

  await interrupt()
  await uploadArtifact(context, actor, upload())
  expect(await collectArtifacts(context)).toMatchObject({ removed: 0 })
  expect(await objects.find(sha256)).toBeDefined()
  expect(await countRows('artifact_removals')).toBe(0)
})

test('the object store is never called within a transaction', async () => {
  const { context, db } = plane
  const calls: string[] = []
  const watched = new Proxy(context.objects, {
    get(target, name: keyof ObjectStore) {
      const value = target[name]
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        const { rows } = await db.pool.query(
          "select query from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
        )
        calls.push(`${name}${rows.length === 0 ? '' : ` during: ${rows[0]?.query}`}`)
        return (value as (...all: unknown[]) => unknown).apply(target, args)
      }
    },
  })
  const watching = { ...context, objects: watched }
  const name = { bucket: 'packages', key: 'demo.bin' }
  await createBucket(context, actor, name.bucket)
  await putObject(watching, actor, name, upload())
  await deleteObject(context, actor, name)
  expect(await collectArtifacts(watching, { olderThanMs })).toMatchObject({ removed: 1 })
  expect(calls).toEqual(['receive', 'find', 'sweep', 'find', 'remove'])
})
