import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A `chandler …` in its own process. */
export interface Program {
  readonly pid: number
  readonly isRunning: boolean
  /**
   * Resolves with the first matching line of standard output or of the log; rejects if the program
   * ends before.
   */
  says(line: RegExp): Promise<string>
  /**
   * Sends the signal and waits for the end; returns the exit code or the signal. No effect if it
   * has already ended.
   */
  end(signal: NodeJS.Signals): Promise<number | string>
  signal(signal: NodeJS.Signals): void
  /** Resolves with the exit code or the signal when it has ended by itself. */
  readonly ended: Promise<number | string>
  /** The last lines of its log. */
  readonly log: readonly string[]
}

const project = fileURLToPath(new URL('../..', import.meta.url))
const chandler = join(project, 'bin/chandler.mjs')
const keptLines = 200

/**
 * Starts it so that it ends with this process where the system supports that (Linux), however this
 * process ends.
 * @param starter command that starts `chandler`, in the project's folder
 */
export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  starter: readonly string[] = [process.execPath, chandler],
): Program {
  const command = [...starter, ...args]
  const [file = '', ...rest] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...command] : command
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, CHANDLER_LOG_LEVEL: 'info', ...environment }
  const child: ChildProcess = spawn(file, rest, { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  const waiting = new Set<{ line: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }>()
  const readLine = (line: string) => {
    log.push(line)
    if (log.length > keptLines) log.shift()
    for (const one of waiting) {
      if (!one.line.test(line)) continue
      waiting.delete(one)
      one.resolve(line)
    }
  }
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', readLine)
  // `close` instead of `exit`: by then all output has been read.
  const closed = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  void closed.then((how) => {
    for (const { reject } of waiting)
      reject(new Error(`chandler ${args[0]} ended with ${how}:\n${log.slice(-20).join('\n')}`))
  })
  const isRunning = () => child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid ?? 0,
    get isRunning() {
      return isRunning()
    },
    says: (line) => {
      const said = log.find((one) => line.test(one))
      if (said !== undefined) return Promise.resolve(said)
      return new Promise((resolve, reject) => {
        waiting.add({ line, resolve, reject })
        if (!isRunning()) reject(new Error(`chandler ${args[0]} has ended:\n${log.slice(-20).join('\n')}`))
      })
    },
    ended: closed,
    signal: (signal) => void child.kill(signal),
    end: (signal) => {
      if (isRunning()) child.kill(signal)
      return closed
    },
    log,
  }
}
