import { execFileSync } from 'node:child_process'

export interface ToolOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * Runs a program of the machine and returns its standard output.
 * @throws Error with its output if it fails or is not installed
 */
export function runTool(program: string, args: readonly string[], { cwd, environment }: ToolOptions = {}): string {
  try {
    return execFileSync(program, args, {
      cwd,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', ...environment },
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { code, stdout, stderr } = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string }
    if (code === 'ENOENT') throw new Error(`${program} is not installed`, { cause: error })
    throw new Error(`${[program, ...args].join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}
