// Files that a server leaves behind when it is stopped, or killed while it receives an artifact.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, stat, utimes } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { startLedgerRun } from './ledger.ts'
import { accessKey, createSystem, type Server, type System } from './system.ts'
import { expectTruth } from './truth.ts'

let system: System
let server: Server
let ids: string[]

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer()
  ids = (await system.addAgents(server, ['a1', 'a2', 'a3'])).map(({ id }) => id)
})
afterAll(() => system.stop())

test('SIGTERM in the middle of a batch: it exits with 0 within 10 s, and continues after its next start', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await startLedgerRun(server.client, system.folder, ids, { exits: { [ids[2] ?? '']: 7 } })
  await run.started(1)
  const from = performance.now()
  expect(await server.program.end('SIGTERM')).toBe(0)
  expect(performance.now() - from).toBeLessThan(10_000)
  await run.open()
  await server.start()
  await expectTruth(server.client, run)
})

test('killed during an upload: no partial artifact is visible, the next upload is complete, and the rest is swept', async () => {
  onTestFailed(() => console.error(system.describe()))
  const bytes = randomBytes(4 * 1024 * 1024)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const incoming = join(system.folder, 'server', 'objects', 'incoming')
  const authorization = `Basic ${btoa(`${accessKey.accessKeyId}:${accessKey.accessKeySecret}`)}`
  const headers = { authorization, 'content-length': bytes.length, 'x-content-sha256': sha256 }
  const upload = request(`${server.url}/api/v1/artifacts`, { method: 'PUT', headers })
  const broken = once(upload, 'error')
  upload.write(bytes.subarray(0, bytes.length / 2))
  const draft = await vi.waitFor(
    async () => {
      const [name = ''] = await readdir(incoming)
      expect((await stat(join(incoming, name))).size).toBeGreaterThan(0)
      expect(name).not.toBe('')
      return join(incoming, name)
    },
    { timeout: 110_000, interval: 10 },
  )
  await server.kill()
  await broken
  // Older than any upload timeout: the next start sweeps abandoned files.
  const longAgo = new Date(Date.now() - 2 * 3_600_000)
  await utimes(draft, longAgo, longAgo)
  await server.start()
  expect(await server.client.artifacts.exists(sha256)).toBe(false)
  expect(await readdir(incoming)).toEqual([])
  // Beside it only `uploads`, once the server has looked there for expired uploads.
  const kept = await readdir(join(system.folder, 'server', 'objects'))
  expect(kept.filter((name) => name !== 'incoming' && name !== 'uploads')).toEqual([])
  const file = { sha256, sizeBytes: bytes.length, open: async () => new Blob([bytes]) }
  expect(await server.client.artifacts.upload(file)).toEqual({ sha256, sizeBytes: bytes.length, existed: false })
  expect(await server.client.artifacts.exists(sha256)).toBe(true)
})
