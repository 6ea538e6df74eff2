import { execve } from 'node:process'

/**
 * Replaces this process by a new run of the same program, with the same process id, arguments and
 * environment: for systemd nothing happens. Returns only where the operating system cannot do this.
 */
export function startAgain(): void {
  const [, ...args] = process.argv
  execve?.(process.execPath, [process.execPath, ...process.execArgv, ...args], process.env)
}
