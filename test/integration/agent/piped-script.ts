import { spawn } from 'node:child_process'

export interface ScriptEnd {
  readonly code: number | null
  /** Standard output and standard error. */
  readonly said: string
}

export interface ScriptRun {
  /** Words before the shell. */
  readonly inside?: readonly string[]
  readonly uid?: number
  readonly env?: Record<string, string>
}

/** Runs a shell script in a folder as `curl … | sh -s -- ARGS` does. */
export function startPipedScript(
  script: string,
  args: readonly string[],
  folder: string,
  { inside = [], uid, env = {} }: ScriptRun = {},
) {
  const [program = '', ...words] = [...inside, 'sh', '-s', '--', ...args]
  const child = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)))
  const ended = new Promise<ScriptEnd>((resolve) => child.once('close', (code) => resolve({ code, said })))
  // A script that refuses its arguments does not read to the end.
  child.stdin.on('error', () => {})
  child.stdin.end(script)
  return { child, ended, said: () => said }
}
