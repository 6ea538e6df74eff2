import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Client, createClient } from '../../src/client/client.ts'
import { readProcessTree } from './process-usage.ts'

const program = new URL('../../bin/chandler.mjs', import.meta.url).pathname
const accessKeyId = 'AKBENCHMARK00000'
const accessKeySecret = 'benchmark-secret-0123456789abcdef'

/** A whole system of real processes in a folder of its own: server with embedded PostgreSQL, and fleets. */
export interface System {
  readonly url: string
  readonly client: Client
  readonly startedInMs: number
  /** The server with its PostgreSQL. */
  usage(): ReturnType<typeof readProcessTree>
  /** Simulated instances in a process of their own; resolves when all are connected. */
  addFleet(options: {
    count: number
    connectRate?: number
    duration?: string
    outputBytes?: number
  }): Promise<{ pid: number; connectedInMs: number }>
  /** Stops the server and starts it on the same data; resolves when it is ready. */
  restart(): Promise<number>
  stop(): Promise<void>
}

export async function startSystem(): Promise<System> {
  const directory = await mkdtemp(join(tmpdir(), 'chandler-bench-'))
  const children: ChildProcess[] = []
  const environment = {
    ...process.env,
    CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: accessKeyId,
    CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: accessKeySecret,
    CHANDLER_LOG_LEVEL: 'warn',
  }
  let port = 0

  function start(words: string[], ready: RegExp): Promise<{ child: ChildProcess; line: string }> {
    const child = spawn(process.execPath, [program, ...words], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return new Promise((resolve, reject) => {
      child.on('exit', (code) => reject(new Error(`chandler ${words[0]} ended with ${code} before it was ready`)))
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        if (ready.test(line)) resolve({ child, line })
      })
    })
  }

  async function startServer(): Promise<{ child: ChildProcess; url: string; inMs: number }> {
    const from = performance.now()
    const words = ['server', '--data', join(directory, 'data'), '--listen', `127.0.0.1:${port}`]
    const { child, line } = await start(words, /^chandler listening on /)
    const url = line.split(' ').at(-1) as string
    port = Number(new URL(url).port)
    return { child, url, inMs: performance.now() - from }
  }

  let server = await startServer()
  const client = createClient({ server: server.url, accessKeyId, accessKeySecret })

  return {
    url: server.url,
    client,
    startedInMs: server.inMs,
    usage: () => readProcessTree(server.child.pid as number),
    async addFleet({ count, connectRate = 500, duration = '0ms', outputBytes = 200 }) {
      const { token } = await client.joinTokens.create({ uses: count })
      const from = performance.now()
      const words = ['instance', 'simulate', '--server', server.url, '--token', token, '--count', String(count)]
      words.push('--connect-rate', String(connectRate), '--duration', duration, '--output-bytes', String(outputBytes))
      const { child } = await start(words, /simulated instances connected/)
      return { pid: child.pid as number, connectedInMs: performance.now() - from }
    },
    async restart() {
      await end(server.child)
      server = await startServer()
      return server.inMs
    },
    async stop() {
      for (const child of children.toReversed()) await end(child)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
