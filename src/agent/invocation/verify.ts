import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import type { VerifyCheck } from '../../core/extension/extension.ts'
import type { CheckSeenKind } from '../../core/install/step-reason.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { Clock } from '../../lib/clock.ts'
import type { InstallationMessage } from '../../protocol/agent-messages.ts'
import type { Platform } from '../platform/platform.ts'
import { StepError } from './step-error.ts'

type WireCheck = InstallationMessage['configuration']['verify'][number]

/** Undefined when the check passes, otherwise what it found. */
export type Seen = { readonly kind: CheckSeenKind; readonly detail?: string } | undefined

export interface Verification {
  readonly platform: Platform
  readonly clock: Clock
  /** Runs the script of a check once: undefined if it succeeded, otherwise what it found. */
  readonly runScript: (script: string, index: number, signal: AbortSignal) => Promise<Seen>
  readonly signal: AbortSignal
}

/** Delay between attempts: short at first, for services that start quickly. */
const firstPauseMs = 20
const longestPauseMs = 1_000
/** Timeout of one attempt. */
const answerTimeoutMs = 10_000

/**
 * Runs all checks concurrently, each until it passes or times out. Rejects with a StepError that
 * names the first failed check and its result, or with the signal's reason.
 */
export async function verifyChecks(checks: readonly WireCheck[], verification: Verification): Promise<void> {
  const others = new AbortController()
  const signal = AbortSignal.any([verification.signal, others.signal])
  const all = checks.map((check, index) => verifyCheck(check, index, { ...verification, signal }))
  try {
    await Promise.all(all)
  } finally {
    others.abort(new Error('another check failed'))
    await Promise.allSettled(all)
  }
}

async function verifyCheck(check: WireCheck, index: number, verification: Verification): Promise<void> {
  const { clock, signal } = verification
  const stopAt = clock.monotonicMs() + check.withinMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const seen = await lookAt(check, index, verification)
    signal.throwIfAborted()
    if (seen === undefined) return
    const leftMs = stopAt - clock.monotonicMs()
    if (leftMs <= 0)
      throw new StepError(
        'VerifyFailed',
        makeReason('CheckFailed', {
          check: nameCheck(check),
          seconds: check.withinMs / 1000,
          seen: seen.kind,
          detail: seen.detail ?? '',
        }),
      )
    await clock.wait(Math.min(pauseMs, leftMs), signal)
    signal.throwIfAborted()
  }
}

/** Such as `port 8080`. */
function nameCheck(check: VerifyCheck | WireCheck): string {
  switch (check.kind) {
    case 'process':
      return `process ${[check.name, check.pidFile].filter((part) => part !== undefined).join(' in ')}`
    case 'port':
      return `port ${check.host === undefined ? '' : `${check.host}:`}${check.port}`
    case 'file':
      return `file ${check.path}`
    case 'http':
      return `http ${withoutSecrets(check.url)}`
    case 'package':
      return `package ${check.name}${check.version === undefined ? '' : ` ${check.version}`}`
    case 'script':
      return 'script'
  }
}

/**
 * User information and query of a URL may contain credentials; the rest is enough to identify the
 * check.
 */
function withoutSecrets(text: string): string {
  const url = URL.parse(text)
  return url ? `${url.protocol}//${url.host}${url.pathname}` : ''
}

async function lookAt(check: WireCheck, index: number, { platform, runScript, signal }: Verification): Promise<Seen> {
  try {
    switch (check.kind) {
      case 'process':
        return await seeProcess(platform, check)
      case 'port':
        return await seePort(check.port, check.host)
      case 'file':
        return await seeFile(check.path, check.sha256, signal)
      case 'http':
        return await seeHttp(check.url, check.status, signal)
      case 'package':
        return await seePackage(platform, check.name, check.version)
      case 'script':
        return await runScript(check.script, index, signal)
    }
  } catch (error) {
    if (error instanceof StepError) throw error
    return { kind: 'error', detail: error instanceof Error ? error.message : String(error) }
  }
}

async function seeProcess(platform: Platform, { name, pidFile }: WireCheck & { kind: 'process' }): Promise<Seen> {
  if (pidFile === undefined) {
    if (name === undefined) return { kind: 'nothingNamed' }
    return platform.findProcesses(name).length > 0 ? undefined : { kind: 'noProcess' }
  }
  const text = await withFile(pidFile, async (opened) => {
    if (!opened) return { seen: { kind: 'notAFile' } as const }
    const { file, isPublic } = opened
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0)
    const found = buffer.toString('utf8', 0, bytesRead)
    const pid = /^\s*([1-9][0-9]{0,9})\s*$/.exec(found)?.[1]
    if (pid !== undefined) return { pid }
    const detail = isPublic ? `${pidFile} (${JSON.stringify(found.slice(0, 40))})` : pidFile
    return { seen: { kind: 'noProcessId', detail } as const }
  })
  if (text === undefined) return { kind: 'noFile', detail: pidFile }
  const { pid } = text
  if (pid === undefined) return text.seen
  if (platform.identifyProcess(Number(pid)) === undefined) return { kind: 'processEnded', detail: pid }
  if (name === undefined || platform.findProcesses(name).includes(Number(pid))) return undefined
  return { kind: 'otherProcess', detail: pid }
}

async function seePort(port: number, host: string | undefined): Promise<Seen> {
  if (host !== undefined) return tryPort(port, host)
  // A local service may listen on either.
  const seen = await tryPort(port, '127.0.0.1')
  return seen === undefined || (await tryPort(port, '::1')) === undefined ? undefined : seen
}

const tryPort = (port: number, host: string) =>
  new Promise<Seen>((resolve) => {
    const socket = connect({ port, host, timeout: answerTimeoutMs })
    const end = (seen: Seen) => {
      socket.destroy()
      resolve(seen)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end({ kind: 'noAnswer', detail: host }))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? { kind: 'refused', detail: host } : { kind: 'error', detail: error.message }),
    )
  })

async function seeFile(path: string, sha256: string | undefined, signal: AbortSignal): Promise<Seen> {
  const seen = await withFile<{ readonly wrong?: Seen }>(path, async (opened) => {
    if (sha256 === undefined) return {}
    if (!opened) return { wrong: { kind: 'notAFile' } }
    const { file, isPublic, sizeBytes } = opened
    const hash = createHash('sha256')
    // Limited to the size at open: a file that grows has no end.
    if (sizeBytes > 0)
      for await (const piece of file.createReadStream({ start: 0, end: sizeBytes - 1, autoClose: false })) {
        signal.throwIfAborted()
        hash.update(piece as Buffer)
      }
    const digest = hash.digest('hex')
    if (digest === sha256) return {}
    return { wrong: isPublic ? { kind: 'otherDigest', detail: digest } : { kind: 'otherDigest' } }
  })
  return seen === undefined ? { kind: 'noFile' } : seen.wrong
}

interface OpenedFile {
  readonly file: FileHandle
  /**
   * Everybody may read it; the content of other files is not reported, since the author of a check
   * may not be allowed to read them.
   */
  readonly isPublic: boolean
  readonly sizeBytes: number
}

/**
 * Examines the file that was opened, even if another one replaces it, and never blocks on a pipe.
 * Undefined if it does not exist.
 */
async function withFile<Result>(
  path: string,
  /** Undefined if it is not a regular file. */
  look: (opened: OpenedFile | undefined) => Promise<Result>,
): Promise<Result | undefined> {
  let file: FileHandle
  try {
    // Opening a device may have side effects.
    if (!(await stat(path)).isFile()) return await look(undefined)
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return await look(undefined)
    return await look({ file, isPublic: (stats.mode & 0o004) !== 0, sizeBytes: stats.size })
  } finally {
    await file.close()
  }
}

async function seeHttp(url: string, status: number | undefined, signal: AbortSignal): Promise<Seen> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)])
  try {
    const response = await fetch(url, { redirect: 'manual', signal: either })
    await response.body?.cancel()
    if (status === undefined ? response.ok : response.status === status) return undefined
    return { kind: 'status', detail: String(response.status) }
  } catch (error) {
    // fetch hides the cause ("fetch failed").
    const { cause } = error as { cause?: { code?: string; message?: string } }
    if (cause?.code === 'ECONNREFUSED') return { kind: 'refused' }
    return { kind: 'error', detail: cause?.message ?? (error as Error).message }
  }
}

async function seePackage(platform: Platform, name: string, version: string | undefined): Promise<Seen> {
  const found = await platform.findPackageVersion(name)
  if (found === undefined) return { kind: 'notInstalled' }
  return version === undefined || version === found ? undefined : { kind: 'otherVersion', detail: found }
}
