import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program and its arguments. */
type Command = readonly [string, ...string[]]

export interface Checks {
  /** By name; they run one after the other, beside the tests. */
  readonly staticChecks: Readonly<Record<string, Command>>
  /** The test runner; its last line is the summary. */
  readonly tests: Command
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly write: (text: string) => void
}

/**
 * Runs static checks and tests at the same time. Shows a failed static check when it ends, the output of the tests as it comes,
 * and the last line of the tests at the very end.
 * @returns whether everything passed
 * @throws Error if a program cannot be started
 */
export async function runChecks({ staticChecks, tests, environment: env, write }: Checks): Promise<boolean> {
  const [failed, { passed, lastLine }] = await Promise.all([
    runStaticChecks(staticChecks, env, write),
    runTests(tests, env, write),
  ])
  const names = Object.keys(staticChecks).join(', ')
  write(failed.length > 0 ? `\nFailed, see above: ${failed.join(', ')}\n` : `\nPassed: ${names}\n`)
  write(`${lastLine}\n`)
  return passed && failed.length === 0
}

async function runStaticChecks(
  checks: Checks['staticChecks'],
  env: Checks['environment'],
  write: Checks['write'],
): Promise<string[]> {
  const failed: string[] = []
  for (const [name, [program, ...args]] of Object.entries(checks)) {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    if ((await endOf(child)) === 0) continue
    failed.push(name)
    write(`\nFAILED: ${name}\n${output}\n`)
  }
  return failed
}

async function runTests([program, ...args]: Command, env: Checks['environment'], write: Checks['write']) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let last: string | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (last !== undefined) write(`${last}\n`)
    last = line
  })
  const passed = (await endOf(child)) === 0
  return { passed, lastLine: last ?? 'the test runner printed nothing' }
}

const endOf = (child: ReturnType<typeof spawn>) =>
  new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code))
  })
