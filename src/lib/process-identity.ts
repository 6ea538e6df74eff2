import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Distinguishes two processes that had the same pid: boot id and start time of the process.
 * Undefined when there is no such process.
 */
export async function readProcessIdentity(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return readStartWithPs(pid)
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The name in parentheses may itself contain spaces and parentheses; after it, field 3 (state)
    // comes first and field 22 is the start time.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : `${boot.trim()}/${fields[18]}`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

async function readStartWithPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim() || undefined
  } catch (error) {
    // ps exits with 1 when no process matches.
    if ((error as { code?: unknown }).code === 1) return undefined
    throw error
  }
}
