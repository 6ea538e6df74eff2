import { execve } from 'node:process'
import { ownCommand } from './executable.ts'

/**
 * Replaces this process by a new run of the same program, with the same process id, arguments and
 * environment: for systemd nothing happens. Returns only where the operating system cannot do this.
 */
export function startAgain(): void {
  execve?.(ownCommand[0], [...ownCommand, ...process.argv.slice(2)], process.env)
}
