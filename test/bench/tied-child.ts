import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

const children = new Set<ChildProcess>()

/** A child process that never outlives the benchmark, even an interrupted one. */
export function spawnTied(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  if (children.size === 0) {
    process.once('exit', () => children.forEach((child) => child.kill('SIGTERM')))
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(130))
  }
  const child = spawn(program, args, options)
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Ends it, and resolves when it has ended. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
