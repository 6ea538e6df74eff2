import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

const children = new Set<ChildProcess>()

/** A child that does not outlive the benchmark, also when that is interrupted. */
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

/** Tells it to end, and resolves when it has. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
