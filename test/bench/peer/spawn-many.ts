import { spawn } from 'node:child_process'

const patienceMs = 120_000

/**
 * Runs a command for each item, `parallel` at once; returns the total seconds. Throws if any does
 * not exit with 0.
 */
export async function spawnMany(
  count: number,
  parallel: number,
  args: (index: number) => readonly string[],
): Promise<number> {
  const from = performance.now()
  let next = 0
  const lane = async () => {
    while (next < count) await run(args(next++))
  }
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, lane))
  return (performance.now() - from) / 1000
}

function run([program = '', ...rest]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: 'ignore', timeout: patienceMs })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))))
  })
}
