import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { findDatabaseEnvironment } from '../integration/database/database-user.ts'

const program = new URL('../../bin/chandler.mjs', import.meta.url).pathname

export interface ServerProcess {
  readonly pid: number
  /** Lines of standard output until it is ready or has ended. */
  readonly said: string[]
  /** Absent if it ended before it was ready. */
  readonly url: string | undefined
  /** Standard error so far. */
  complaint(): string
  kill(signal: NodeJS.Signals): void
  readonly exited: Promise<{ code: number | null }>
}

/** `chandler server` as users start it; resolves when it is ready or has ended. */
export async function startServerProcess(
  dataDirectory: string,
  { listen = '127.0.0.1:0', environment = {} }: { listen?: string; environment?: Record<string, string> } = {},
): Promise<ServerProcess> {
  const databaseEnvironment = await findDatabaseEnvironment()
  const child = spawn(process.execPath, [program, 'server', '--data', dataDirectory, '--listen', listen], {
    env: { PATH: process.env['PATH'], HOME: dataDirectory, ...databaseEnvironment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const exited = once(child, 'close').then(([code]) => ({ code: code as number | null }))
  const ready = new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      said.push(line)
      const [, url] = /^chandler listening on (http:\/\/\S+)$/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
  })
  const url = await Promise.race([ready, exited.then(() => undefined)])
  return {
    pid: child.pid as number,
    said,
    url,
    complaint: () => complaint,
    kill: (signal) => child.kill(signal),
    exited,
  }
}

/** A command that ends by itself. */
export async function runProgram(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], ...(await findDatabaseEnvironment()) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}
