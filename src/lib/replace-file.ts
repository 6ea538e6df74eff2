import { renameSync } from 'node:fs'
import { rename } from 'node:fs/promises'

export interface ReplaceOptions {
  /** As `process.platform`. */
  readonly platform?: NodeJS.Platform
  /** Waits this many milliseconds. */
  readonly wait?: (ms: number) => void
}

/**
 * On Windows a file that another process has open cannot be replaced, and virus scanners open every
 * new file for a moment.
 */
const lockCodes: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY'])
const firstPauseMs = 10
const longestPauseMs = 200
/** About 2 s in all. */
const attempts = 15

/** Whether an error of Windows may be a lock of another process that ends soon. */
export const isLocked = (error: unknown): boolean => lockCodes.has((error as NodeJS.ErrnoException).code ?? '')

/**
 * Renames a file over another one. Where another process has one of them open on Windows, it tries
 * again for about 2 s; the last error says what the cause may be.
 */
export async function replaceFile(from: string, to: string, options: ReplaceOptions = {}): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to)
    } catch (error) {
      const pauseMs = pauseAfter(error, attempt, to, options)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** The same, blocking this process. */
export function replaceFileSync(from: string, to: string, options: ReplaceOptions = {}): void {
  const { wait = blockFor } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return renameSync(from, to)
    } catch (error) {
      wait(pauseAfter(error, attempt, to, options))
    }
  }
}

/** @throws the error, if another attempt would not help */
function pauseAfter(error: unknown, attempt: number, to: string, options: ReplaceOptions): number {
  const { platform = process.platform } = options
  if (platform !== 'win32' || !isLocked(error)) throw error
  if (attempt < attempts) return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
  const { code, message } = error as NodeJS.ErrnoException
  const cause = `${to} cannot be replaced because another process, such as a virus scanner, has it open (${message})`
  throw Object.assign(new Error(cause, { cause: error }), { code, path: to })
}

const blockFor = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
