import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../../core/extension/extension.ts'
import type { Clock } from '../../lib/clock.ts'
import { digestFile } from '../../lib/digest.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import { StepError } from '../invocation/step-error.ts'
import type { FetchArtifact } from '../invocation/worker.ts'
import type { ArtifactAddress } from './artifact-addresses.ts'
import { type DownloadOptions, downloadTo } from './download.ts'

/** Artifacts by content, STATE/artifacts/<sha256>: downloaded once however many ask, and kept as long as something needs them. */
export interface ArtifactCache {
  /** Path of the artifact, its bytes verified just now; undefined if it is not here. */
  find(artifact: Artifact): Promise<string | undefined>
  /** Downloads it, or joins a download of the same bytes. Path of the verified artifact. Rejects with a StepError. */
  download(artifact: Artifact, address: ArtifactAddress, signal: AbortSignal): Promise<string>
  /** Removes what no digest of `needed` names, unfinished downloads included, except those that run. */
  removeUnneeded(needed: ReadonlySet<string>): Promise<void>
}

export interface ArtifactCacheOptions {
  readonly directory: string
  readonly fetchArtifact: FetchArtifact
  readonly clock: Clock
  readonly maxBytesPerSecond?: number | undefined
  /** How long a download may go on without a single new byte. */
  readonly patienceMs: number
}

interface SharedDownload {
  readonly path: Promise<string>
  readonly abort: AbortController
  /** Of those who wait for it: what one of them is refused (it was cancelled, say) another may be given. */
  readonly addresses: Set<ArtifactAddress>
}

export async function createArtifactCache(options: ArtifactCacheOptions): Promise<ArtifactCache> {
  const { directory, fetchArtifact, clock, patienceMs } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const running = new Map<string, SharedDownload>()
  const pathOf = (artifact: Artifact) => join(directory, artifact.sha256)
  const pace = options.maxBytesPerSecond === undefined ? undefined : createPace(options.maxBytesPerSecond, clock)
  const downloadOptions: DownloadOptions = { fetchArtifact, clock, patienceMs, pace }

  async function fetchWhole(artifact: Artifact, address: ArtifactAddress, signal: AbortSignal): Promise<string> {
    const part = `${pathOf(artifact)}.part`
    await downloadTo(part, artifact, address, signal, downloadOptions)
    await rename(part, pathOf(artifact))
    await syncDirectory(directory)
    return pathOf(artifact)
  }

  function share(artifact: Artifact, address: ArtifactAddress): SharedDownload {
    const existing = running.get(artifact.sha256)
    if (existing && !existing.abort.signal.aborted) return existing
    const abort = new AbortController()
    const before = existing?.path.catch(() => undefined)
    const addresses = new Set([address])
    const shared: ArtifactAddress = {
      url: address.url,
      renew: (signal) => ([...addresses].at(-1) ?? address).renew(signal),
    }
    const path = (async () => {
      await before
      return fetchWhole(artifact, shared, abort.signal)
    })()
    const download: SharedDownload = { path, abort, addresses }
    running.set(artifact.sha256, download)
    const forget = () => running.get(artifact.sha256) === download && running.delete(artifact.sha256)
    path.then(forget, forget)
    return download
  }

  return {
    async find(artifact) {
      const path = pathOf(artifact)
      const found = await stat(path).catch(() => undefined)
      if (found === undefined) return undefined
      if (found.size === artifact.sizeBytes && (await digestFile(path)).sha256 === artifact.sha256) return path
      await rm(path, { force: true })
      return undefined
    },
    async download(artifact, address, signal) {
      const shared = share(artifact, address)
      shared.addresses.add(address)
      const leave = () => {
        shared.addresses.delete(address)
        if (shared.addresses.size === 0) shared.abort.abort()
      }
      const left = new Promise<never>((_, fail) => {
        const stop = () => fail(new StepError('DownloadFailed', 'The download was stopped.'))
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop, { once: true })
      })
      try {
        return await Promise.race([shared.path, left])
      } finally {
        leave()
      }
    },
    async removeUnneeded(needed) {
      for (const name of await readdir(directory)) {
        const sha256 = name.replace(/\.part$/, '')
        if (!needed.has(sha256) && !running.has(sha256)) await rm(join(directory, name), { force: true })
      }
    },
  }
}

/** Says how long to wait so that all downloads together stay below the cap. */
function createPace(bytesPerSecond: number, clock: Clock) {
  let freeAt = Number.NEGATIVE_INFINITY
  return (bytes: number): number => {
    const now = clock.monotonicMs()
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000
    return freeAt - now
  }
}
