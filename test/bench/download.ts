import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createArtifactCache } from '../../src/agent/artifact/artifact-cache.ts'
import { createArtifactFetch } from '../../src/agent/artifact/artifact-fetch.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { digestFile } from '../../src/lib/digest.ts'
import { findArtifactAddress } from './artifact-address.ts'
import { createDemo } from './demo-extension.ts'
import { budget, median, round } from './figures.ts'
import { startNginxPeer } from './peer/nginx-peer.ts'
import { spawnMany } from './peer/spawn-many.ts'
import type { System } from './system.ts'

const largeBytes = 512 * 1024 * 1024
const smallBytes = 4 * 1024 * 1024
const rounds = 3
const agents = 1_000

/**
 * Downloads one large artifact through the agent's code and through curl, from the server and from
 * nginx in turns.
 */
export async function measureDownload(system: System) {
  const { url, path, folder } = await uploadRandom(system, largeBytes)
  const nginx = await startNginxPeer(system.directory, folder)
  const rates: Record<'agent' | 'agentFromNginx' | 'curl' | 'curlFromNginx', number[]> = {
    agent: [],
    agentFromNginx: [],
    curl: [],
    curlFromNginx: [],
  }
  try {
    for (let index = 0; index < rounds; index++) {
      rates.agent.push(await agentRate(system.directory, path, system.url, url))
      rates.curl.push(await curlRate(new URL(url, system.url).href))
      if (!nginx) continue
      rates.agentFromNginx.push(await agentRate(system.directory, path, nginx.url, basename(path)))
      rates.curlFromNginx.push(await curlRate(`${nginx.url}${basename(path)}`))
    }
  } finally {
    await nginx?.stop()
  }
  const [agent, curl, agentFromNginx, curlFromNginx] = [
    rates.agent,
    rates.curl,
    rates.agentFromNginx,
    rates.curlFromNginx,
  ].map(median) as [number, number, number, number]
  return {
    bench: 'download',
    bytes: largeBytes,
    agentMbPerSecond: Math.round(agent),
    curlMbPerSecond: Math.round(curl),
    ...(nginx
      ? {
          agentFromNginxMbPerSecond: Math.round(agentFromNginx),
          curlFromNginxMbPerSecond: Math.round(curlFromNginx),
          ratioToNginx: round(agent / agentFromNginx),
          ratioToNginxWithCurl: round(curl / curlFromNginx),
          ...budget('≥ 80 % of nginx', agent / agentFromNginx >= 0.8),
        }
      : {}),
  }
}

/** A thousand concurrent downloads, to measure the server's memory. */
export async function measureManyDownloads(system: System) {
  const { url } = await uploadRandom(system, smallBytes)
  const address = new URL(url, system.url)
  const before = await system.usage()
  let peakMb = before.rssMb
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      peakMb = Math.max(peakMb, (await system.usage()).rssMb)
      await systemClock.wait(200, over.signal)
    }
  })()
  const from = performance.now()
  await Promise.all(Array.from({ length: agents }, () => drain(address)))
  const seconds = (performance.now() - from) / 1000
  over.abort()
  await watching
  return {
    bench: 'download-many',
    agents,
    bytesEach: smallBytes,
    seconds: round(seconds),
    mbPerSecond: Math.round((agents * smallBytes) / 1e6 / seconds),
    serverRssMbBefore: Math.round(before.rssMb),
    serverRssMbPeak: Math.round(peakMb),
    ...budget('1,000 agents at once, memory flat (≤ 200 KB each)', (peakMb - before.rssMb) * 1_000 <= 200 * agents),
  }
}

async function uploadRandom(system: System, sizeBytes: number) {
  const folder = join(system.directory, `artifact-${sizeBytes}`)
  await mkdir(folder)
  const path = join(folder, 'artifact.bin')
  await pipeline(Readable.from(makeBytes(sizeBytes)), createWriteStream(path))
  const name = `download-${sizeBytes}`
  await createDemo(system.client, { name, artifact: path })
  return { url: await findArtifactAddress(system, name), path, folder }
}

function* makeBytes(sizeBytes: number) {
  const block = Buffer.alloc(1024 * 1024)
  for (let at = 0; at < sizeBytes; at += block.length) {
    block.writeUInt32LE(at / block.length)
    yield Buffer.from(block)
  }
}

/** MB per second, from the request until the bytes are verified and on disk. */
async function agentRate(directory: string, path: string, server: string, url: string): Promise<number> {
  const cache = await createArtifactCache({
    directory: join(directory, 'cache'),
    fetchArtifact: createArtifactFetch(server),
    clock: systemClock,
    patienceMs: 60_000,
  })
  const artifact = { ...(await digestFile(path)), fileName: basename(path), kind: 'file' as const }
  const from = performance.now()
  const address = { url, renew: () => Promise.reject(new Error('the address has expired')) }
  await cache.download(artifact, address, AbortSignal.timeout(120_000))
  const seconds = (performance.now() - from) / 1000
  await rm(join(directory, 'cache'), { recursive: true })
  return artifact.sizeBytes / 1e6 / seconds
}

/** MB per second of four concurrent downloads that discard the bytes: the maximum of the sender. */
async function curlRate(url: string): Promise<number> {
  const seconds = await spawnMany(4, 4, () => ['curl', '-fsS', '-o', '/dev/null', url])
  return (4 * largeBytes) / 1e6 / seconds
}

function drain(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the server answered ${response.statusCode}`))
      response.on('end', resolve).on('error', reject).resume()
    })
    sent.on('error', reject).end()
  })
}
