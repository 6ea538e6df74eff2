import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Artifact } from '../../core/extension/extension.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import { StepError } from '../invocation/step-error.ts'
import { AddressExpired, type FetchArtifact } from '../invocation/worker.ts'
import { assertDiskSpace } from '../script/workspace.ts'
import type { ArtifactAddress } from './artifact-addresses.ts'
import { ArtifactRefused } from './artifact-refused.ts'

export interface DownloadOptions {
  readonly fetchArtifact: FetchArtifact
  readonly clock: Clock
  /** Timeout without a single new byte. */
  readonly patienceMs: number
  /** Called with the size of each chunk; returns the milliseconds to wait before the next read. */
  readonly pace?: ((bytes: number) => number) | undefined
}

/** A URL that is refused right after the server issued it will not work on a retry. */
const maxRenewals = 2

/** The source; `url` is undefined while a new one is needed. */
interface Source {
  readonly address: ArtifactAddress
  url: string | undefined
  renewals: number
}

const retry = { baseMs: 250, maxMs: 15_000, jitter: 0.5 }

/**
 * Downloads to `part`, resuming an earlier attempt, and returns when size and sha256 match the
 * artifact and the bytes are on disk. Discards bytes that do not match and downloads once more from
 * the start. Rejects with a StepError.
 */
export async function downloadTo(
  part: string,
  artifact: Artifact,
  address: ArtifactAddress,
  signal: AbortSignal,
  options: DownloadOptions,
): Promise<void> {
  const source: Source = { address, url: address.url, renewals: 0 }
  for (let attempt = 0; ; attempt++) {
    const got = await receiveAll(part, artifact, source, signal, options)
    if (got.sha256 === artifact.sha256 && got.sizeBytes === artifact.sizeBytes) return
    await truncate(part, 0)
    if (attempt === 1) throw new StepError('ArtifactMismatch', findMismatch(artifact, got))
  }
}

const findMismatch = (wanted: Artifact, got: { sha256: string; sizeBytes: number }) =>
  got.sizeBytes === wanted.sizeBytes
    ? makeReason('DownloadedOtherContent', { file: wanted.fileName, sha256: got.sha256, expected: wanted.sha256 })
    : makeReason('DownloadedOtherSize', {
        file: wanted.fileName,
        sizeBytes: Math.min(got.sizeBytes, wanted.sizeBytes),
        expected: wanted.sizeBytes,
        isMore: got.sizeBytes > wanted.sizeBytes,
      })

/** Receives until the server has sent everything, over as many connections as needed. */
async function receiveAll(
  part: string,
  artifact: Artifact,
  source: Source,
  signal: AbortSignal,
  options: DownloadOptions,
) {
  const { clock, patienceMs } = options
  const hash = createHash('sha256')
  const file = await open(part, 'a', 0o644)
  try {
    const progress = { sizeBytes: await resume(part, artifact, hash), lastAt: clock.monotonicMs() }
    await assertDiskSpace(dirname(part), artifact.sizeBytes - progress.sizeBytes, 'download', artifact.fileName)
    const hashed = { hash, file, progress }
    for (let attempt = 0; progress.sizeBytes < artifact.sizeBytes; attempt++) {
      const before = progress.sizeBytes
      const trouble = await receiveSome(hashed, artifact, source, signal, options)
      if (signal.aborted) throw new StepError('DownloadFailed', makeReason('DownloadStopped'))
      // After an answer that ends early without an error, request the rest; an answer without a
      // single byte means the end.
      if (trouble === undefined && progress.sizeBytes === before) break
      if (progress.sizeBytes > before) attempt = 0
      if (trouble === undefined) continue
      if (clock.monotonicMs() - progress.lastAt >= patienceMs)
        throw new StepError(
          'DownloadFailed',
          makeReason('DownloadTimeOver', {
            file: artifact.fileName,
            error: trouble.message,
            receivedBytes: progress.sizeBytes,
            sizeBytes: artifact.sizeBytes,
          }),
          { cause: trouble },
        )
      await clock.wait(backoffDelayMs(retry, attempt, Math.random), signal)
    }
    await file.datasync()
    return { sha256: hashed.hash.digest('hex'), sizeBytes: progress.sizeBytes }
  } finally {
    await file.close()
  }
}

interface Receiving {
  hash: Hash
  readonly file: FileHandle
  readonly progress: { sizeBytes: number; lastAt: number }
}

/**
 * One connection. Undefined when the server has sent everything; otherwise the error. Rejects with
 * errors that a retry cannot fix.
 */
async function receiveSome(
  receiving: Receiving,
  artifact: Artifact,
  source: Source,
  signal: AbortSignal,
  { fetchArtifact, clock, pace, patienceMs }: DownloadOptions,
): Promise<Error | undefined> {
  const { file, progress } = receiving
  // A connection that is open and silent counts as lost.
  const silence = new AbortController()
  const watch = () =>
    clock.setTimeout(() => silence.abort(new Error('no bytes came')), Math.min(patienceMs, 60_000), { unref: true })
  let timer = watch()
  const either = AbortSignal.any([signal, silence.signal])
  try {
    source.url ??= await source.address.renew(either)
    const { start, body } = await fetchArtifact(source.url, progress.sizeBytes, either)
    source.renewals = 0
    if (start !== progress.sizeBytes) await restart(receiving, start)
    for await (const chunk of body) {
      timer.cancel()
      progress.sizeBytes += chunk.byteLength
      progress.lastAt = clock.monotonicMs()
      // More bytes than announced cannot be the artifact; stop before they fill the disk.
      if (progress.sizeBytes > artifact.sizeBytes) return undefined
      receiving.hash.update(chunk)
      await file.writeFile(chunk)
      const waitMs = pace?.(chunk.byteLength) ?? 0
      if (waitMs > 0) await clock.wait(waitMs, either)
      if (signal.aborted) return new Error('stopped')
      timer = watch()
    }
    return undefined
  } catch (error) {
    if (error instanceof AddressExpired && source.renewals < maxRenewals) {
      source.renewals += 1
      source.url = undefined
      return error
    }
    if (error instanceof ArtifactRefused)
      throw new StepError(
        'DownloadFailed',
        makeReason('DownloadRefused', { file: artifact.fileName, error: error.message }),
        { cause: error },
      )
    if (['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return silence.signal.aborted
      ? (silence.signal.reason as Error)
      : error instanceof Error
        ? error
        : new Error(String(error))
  } finally {
    timer.cancel()
  }
}

/** The server ignored the range and sends the whole artifact: start over. */
async function restart(receiving: Receiving, start: number): Promise<void> {
  if (start !== 0) throw new Error(`the server sent bytes from ${start} on, which were not requested`)
  await receiving.file.truncate(0)
  receiving.progress.sizeBytes = 0
  receiving.hash = createHash('sha256')
}

/** Existing bytes count after they have been hashed. */
async function resume(part: string, artifact: Artifact, hash: Hash): Promise<number> {
  const { size } = await stat(part)
  if (size > artifact.sizeBytes) {
    await truncate(part, 0)
    return 0
  }
  for await (const chunk of createReadStream(part, { highWaterMark: 256 * 1024 })) hash.update(chunk)
  return size
}
