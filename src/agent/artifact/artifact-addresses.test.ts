import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { AddressExpired, type FetchArtifact } from '../invocation/worker.ts'
import { ArtifactAddresses } from './artifact-addresses.ts'
import { createArtifactCache } from './artifact-cache.ts'
import { ArtifactRefused } from './artifact-refused.ts'

const bytes = Buffer.from('the package')
const artifact = {
  sha256: createHash('sha256').update(bytes).digest('hex'),
  sizeBytes: bytes.length,
  fileName: 'demo.bin',
  kind: 'file',
} as const
const never = new AbortController().signal

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'addresses-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Only `fresh` works; records the requests. */
async function openCache(asked: string[]) {
  const fetchArtifact: FetchArtifact = async (url, start) => {
    asked.push(url)
    if (url !== 'fresh') throw new AddressExpired('the artifact source answered 403')
    return {
      start,
      body: (async function* () {
        yield bytes.subarray(start)
      })(),
    }
  }
  return createArtifactCache({ directory, fetchArtifact, clock: systemClock, patienceMs: 60_000 })
}

test.each(['expired', undefined])(
  'the agent requests a new URL when it is %s, and the download continues',
  async (url) => {
    const asked: string[] = []
    const cache = await openCache(asked)
    const addresses = new ArtifactAddresses()
    addresses.onRequest((request) => {
      expect(request).toEqual({ invocationId: 'inv-a-1-1', sha256: artifact.sha256 })
      addresses.answer({ ...request, url: 'fresh' })
    })
    const path = await cache.download(artifact, addresses.addressOf('inv-a-1-1', artifact.sha256, url), never)
    expect(await readFile(path)).toEqual(bytes)
    expect(asked).toEqual(url === undefined ? ['fresh'] : ['expired', 'fresh'])
    expect(addresses.open()).toEqual([])
  },
)

test('a server that refuses a URL ends the download with its reason', async () => {
  const cache = await openCache([])
  const addresses = new ArtifactAddresses()
  addresses.onRequest((request) => addresses.answer({ ...request, refused: 'Not for this instance.' }))
  await expect(
    cache.download(artifact, addresses.addressOf('inv-a-1-1', artifact.sha256, 'old'), never),
  ).rejects.toThrow('Not for this instance.')
})

test('the agent requests a new URL at most twice in a row when each expires at once', async () => {
  const asked: string[] = []
  const cache = await openCache(asked)
  const addresses = new ArtifactAddresses()
  addresses.onRequest((request) => addresses.answer({ ...request, url: 'stale' }))
  await expect(
    cache.download(artifact, addresses.addressOf('inv-a-1-1', artifact.sha256, 'old'), never),
  ).rejects.toThrow('403')
  expect(asked).toEqual(['old', 'stale', 'stale'])
})

test('a request stays pending until the server answers or no invocation waits', async () => {
  const addresses = new ArtifactAddresses()
  const stop = new AbortController()
  const address = addresses.addressOf('inv-a-1-1', artifact.sha256, undefined)
  const [first, second] = [address.renew(never), address.renew(stop.signal)]
  expect(addresses.open()).toHaveLength(1)
  stop.abort(new Error('stopped'))
  await expect(second).rejects.toThrow('stopped')
  expect(addresses.open()).toHaveLength(1)
  addresses.answer({ invocationId: 'inv-a-1-1', sha256: artifact.sha256 })
  await expect(first).rejects.toThrow(ArtifactRefused)
  expect(addresses.open()).toEqual([])
})
