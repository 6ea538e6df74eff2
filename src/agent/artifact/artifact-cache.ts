import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../../core/extension/extension.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { Clock } from '../../lib/clock.ts'
import { digestFile } from '../../lib/digest.ts'
import { replaceFile } from '../../lib/replace-file.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import { StepError } from '../invocation/step-error.ts'
import type { FetchArtifact } from '../invocation/worker.ts'
import type { ArtifactAddress } from './artifact-addresses.ts'
import { type DownloadOptions, downloadTo } from './download.ts'

/**
 * Artifacts by content, STATE/artifacts/<sha256>: each is downloaded once for all invocations, and
 * kept while an invocation or an installed extension needs it.
 */
export interface ArtifactCache {
  /** Path of the artifact, verified just now; undefined if it is not in the cache. */
  find(artifact: Artifact): Promise<string | undefined>
  /**
   * Downloads the artifact, or joins a running download of the same bytes. Returns the path of the
   * verified file. Rejects with a StepError.
   */
  download(artifact: Artifact, address: ArtifactAddress, signal: AbortSignal): Promise<string>
  /**
   * Removes artifacts whose digest is not in `needed`, unfinished downloads included, except
   * running ones.
   */
  removeUnneeded(needed: ReadonlySet<string>): Promise<void>
}

export interface ArtifactCacheOptions {
  readonly directory: string
  readonly fetchArtifact: FetchArtifact
  readonly clock: Clock
  readonly maxBytesPerSecond?: number | undefined
  /** Timeout of a download without a single new byte. */
  readonly patienceMs: number
}

interface SharedDownload {
  readonly path: Promise<string>
  readonly abort: AbortController
  /**
   * Of the waiting invocations: a refusal for one (for example because it was cancelled) does not
   * apply to the others.
   */
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
    await replaceFile(part, pathOf(artifact))
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
        const stop = () => fail(new StepError('DownloadFailed', makeReason('DownloadStopped')))
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

/** Returns the delay that keeps the rate of all downloads together below the limit. */
function createPace(bytesPerSecond: number, clock: Clock) {
  let freeAt = Number.NEGATIVE_INFINITY
  return (bytes: number): number => {
    const now = clock.monotonicMs()
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000
    return freeAt - now
  }
}
