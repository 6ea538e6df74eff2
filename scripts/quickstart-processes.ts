// The processes of the quickstart: started in groups of their own (so that Ctrl-C reaches the quickstart alone, which ends them in order),
// and ended by their pid, whatever happens.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { readProcessIdentity } from '../src/lib/process-identity.ts'
import { writeFileDurably } from '../src/lib/write-file-durably.ts'

interface StartOptions {
  /** Where stderr goes. */
  readonly log: string
  readonly environment: Readonly<Record<string, string>>
}

export interface Processes {
  /** Starts a process that is to run until `endAll`. */
  start(name: string, command: string, args: readonly string[], options: StartOptions): StartedProcess
  /** Runs a process to its end, which must be good. */
  run(
    command: string,
    args: readonly string[],
    options?: { environment?: Readonly<Record<string, string>>; quiet?: boolean },
  ): Promise<void>
  /** Resolves when a condition holds; it is looked at again every 100 ms. */
  until(holds: () => Promise<boolean>, patienceMs: number): Promise<void>
  /** Rejects when a started process ends by itself. */
  readonly firstUnexpectedEnd: Promise<never>
  endAll(): Promise<void>
  /** Keeps a record, so that a later run can end what this one left if it is killed itself. */
  recordIn(file: string): Promise<void>
  endEarlier(file: string): Promise<void>
}

export interface StartedProcess {
  /** The first line of stdout that fits. */
  line(pattern: RegExp, patienceMs: number): Promise<RegExpExecArray>
}

/** Server and agents end within 10 s of SIGTERM. */
const endPatienceMs = 15_000
/** Of a log, when its process failed. */
const lastLines = 5

export function createProcesses(): Processes {
  const children: { readonly name: string; readonly child: ChildProcess }[] = []
  let current: ChildProcess | undefined
  let isEnding = false
  let record: string | undefined
  let fail: (error: Error) => void
  const firstUnexpectedEnd = new Promise<never>((_, reject) => {
    fail = reject
  })
  firstUnexpectedEnd.catch(() => undefined)

  let written = Promise.resolve()
  /** One after the other, each whole. */
  const writeRecord = () => {
    written = written.then(async () => {
      if (record === undefined) return
      const identify = async ({ name, child: { pid = 0 } }: (typeof children)[number]) => ({
        name,
        pid,
        identity: await readProcessIdentity(pid),
      })
      await writeFileDurably(record, JSON.stringify(await Promise.all(children.map(identify))))
    })
    return written
  }

  return {
    firstUnexpectedEnd,
    start(name, command, args, { log, environment }) {
      const child = spawn(command, args, {
        detached: true,
        stdio: ['ignore', 'pipe', openSync(log, 'a', 0o600)],
        env: { ...process.env, ...environment },
      })
      children.push({ name, child })
      child.once('error', fail)
      child.once('exit', (code, signal) => {
        if (isEnding) return
        const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lastLines).join('\n')
        fail(new Error(`${name} ended unexpectedly (${signal ?? `exit code ${code}`}). The end of ${log}:\n${last}\n`))
      })
      const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
      writeRecord().catch(fail)
      return {
        line: (pattern, patienceMs) =>
          new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${name} did not become ready; see ${log}`)), patienceMs)
            firstUnexpectedEnd.catch((error: Error) => reject(error)).finally(() => clearTimeout(timer))
            lines.on('line', (line) => {
              const match = pattern.exec(line)
              if (!match) return
              clearTimeout(timer)
              resolve(match)
            })
          }),
      }
    },
    async run(command, args, { environment = {}, quiet = false } = {}) {
      const child = spawn(command, args, {
        stdio: quiet ? 'ignore' : 'inherit',
        env: { ...process.env, ...environment },
      })
      current = child
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
      current = undefined
      if (code !== 0)
        throw new Error(`${args.slice(1, 4).join(' ') || command} ended with ${signal ?? `exit code ${code}`}`)
    },
    async until(holds, patienceMs) {
      const deadline = Date.now() + patienceMs
      while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(`timeout after ${patienceMs / 1000} s`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    async endAll() {
      isEnding = true
      current?.kill('SIGTERM')
      // Agents first: what they have to say reaches the server.
      for (const { name, child } of children.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        const timer = setTimeout(() => {
          console.error(`${name} does not stop; killing it`)
          child.kill('SIGKILL')
        }, endPatienceMs)
        await ended
        clearTimeout(timer)
      }
    },
    async recordIn(file) {
      record = file
      await writeRecord()
    },
    async endEarlier(file) {
      const text = await readFile(file, 'utf8').catch(() => '[]')
      const left = JSON.parse(text) as { name: string; pid: number; identity?: string }[]
      for (const { name, pid, identity } of left.toReversed()) {
        const isIt = async () => identity !== undefined && (await readProcessIdentity(pid)) === identity
        if (!(await isIt())) continue
        console.log(`stopping ${name} (process ${pid}) of an earlier run`)
        process.kill(pid, 'SIGTERM')
        await this.until(async () => !(await isIt()), endPatienceMs)
      }
    },
  }
}
