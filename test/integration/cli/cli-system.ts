import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli } from '../../../src/cli/run-cli.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { readServerConfig } from '../../../src/server/boot/settings/config.ts'
import { startServer } from '../../../src/server/boot/start-server.ts'
import { makeCliContext } from '../../make-cli-context.ts'
import { provideNodeLauncher } from '../../node-launcher.ts'
import { lowPasswordCost } from '../api-parts.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'

const program = fileURLToPath(new URL('../../../bin/chandler.mjs', import.meta.url))

/** Password of the user admin. */
export const adminPassword = 'a-password-for-this-test-only'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A running command; `said` waits for text in its output so far, or until it has ended. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  said(text: string): Promise<void>
}

/** Simulated instances of this process. */
export interface Simulation {
  /** Ends them as SIGTERM ends `instance simulate`; resolves when they are disconnected. */
  stop(): Promise<void>
}

/**
 * A complete server on a database of its own, and the command line as a client of it. Server,
 * commands and simulated instances run in this process, because starting a program takes longer
 * than most commands; `start` runs a command as a process, for tests of signals and of agents.
 * The server as a process is the subject of test/programs/server.test.ts and
 * test/faults.
 */
export interface CliSystem {
  readonly folder: string
  readonly server: string
  /** Of the server: for a state that no command of it makes. */
  readonly db: TestDatabase
  run(...args: string[]): Promise<Ran>
  /** With further environment variables. */
  runWith(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran>
  /** With the access key of another user. */
  runAs(key: { readonly id: string; readonly secret: string }, ...args: string[]): Promise<Ran>
  /** The JSON that a command prints; the command must exit with 0. */
  json<Answer>(...args: string[]): Promise<Answer>
  /** Runs a command as a process, which `stop` ends. */
  start(...args: string[]): Running
  /** The same with further environment variables. */
  startWith(environment: Readonly<Record<string, string>>, ...args: string[]): Running
  /** Simulated instances; resolves when they are connected. `options` as of `instance simulate`. */
  simulate(count: number, ...options: string[]): Promise<Simulation>
  /** Writes an extension folder with a script that prints the greeting, and returns its path. */
  makeExtension(name: string, files?: Readonly<Record<string, string>>): Promise<string>
  /** Writes the folder and creates the extension on the server. */
  createExtension(name: string): Promise<string>
  stop(): Promise<void>
}

/** @param settings additional environment variables of the server */
export async function startCliSystem(settings: Readonly<Record<string, string>> = {}): Promise<CliSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-cli-'))
  const db = await startTestDatabase()
  const key = { CHANDLER_ACCESS_KEY_ID: 'test', CHANDLER_ACCESS_KEY_SECRET: 'a-secret-for-this-test-only' }
  const serverEnvironment = {
    CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: key.CHANDLER_ACCESS_KEY_ID,
    CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: key.CHANDLER_ACCESS_KEY_SECRET,
    CHANDLER_BOOTSTRAP_PASSWORD: adminPassword,
    DATABASE_URL: db.url,
    ...settings,
  }
  const config = readServerConfig({ data: join(folder, 'server'), listen: '127.0.0.1:0' }, serverEnvironment)
  const running = await startServer(config, silentLogger, { passwordCost: lowPasswordCost })
  const server = running.url
  provideNodeLauncher(config.dataDirectory)
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CHANDLER_SERVER: server,
    ...key,
  }
  const children: ChildProcess[] = []
  const simulations: Simulation[] = []

  const start = (args: readonly string[], extra: Readonly<Record<string, string>> = {}): Running => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...environment, ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const printed = { stdout: '', stderr: '' }
    const listeners = new Set<() => void>()
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
        for (const listen of listeners) listen()
      })
    }
    const ended = once(child, 'close').then(([code]) => {
      for (const listen of listeners) listen()
      return { code: code as number | null, ...printed }
    })
    const said = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (`${printed.stdout}${printed.stderr}`.includes(text)) resolve()
          else if (child.exitCode !== null)
            reject(new Error(`it ended without saying "${text}":\n${printed.stdout}${printed.stderr}`))
        }
        listeners.add(look)
        look()
      })
    return { child, ended, said }
  }

  async function runHere(args: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const { context, printed, end } = makeCliContext({ ...environment, ...extra })
    const code = await runCli(context, args)
    await end()
    return { code, stdout: printed.out, stderr: printed.err }
  }

  const run = (...args: string[]) => runHere(args)
  const system: CliSystem = {
    folder,
    server,
    db,
    run,
    runWith: (extra, ...args) => runHere(args, extra),
    runAs: ({ id, secret }, ...args) =>
      runHere(args, { CHANDLER_ACCESS_KEY_ID: id, CHANDLER_ACCESS_KEY_SECRET: secret }),
    start: (...args) => start(args),
    startWith: (extra, ...args) => start(args, extra),
    async json<Answer>(...args: string[]) {
      const { code, stdout, stderr } = await run(...args, '-o', 'json')
      if (code !== 0) throw new Error(`chandler ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
      return JSON.parse(stdout) as Answer
    },
    async simulate(count, ...options) {
      const tags = options.flatMap((option, place) =>
        options[place - 1] === '--tag' ? [option.split('=')[0] ?? ''] : [],
      )
      const allowed = tags.flatMap((tag) => ['--allow-tag', tag])
      const { stdout } = await run('token', 'create', '--uses', String(count), ...allowed)
      // The same fleet each time: no test may depend on the system or the processor that chance gives an instance.
      const seed = String(simulations.length + 1)
      const to = ['--server', server, '--token', stdout.trim(), '--count', String(count), '--seed', seed]
      const stop = new AbortController()
      const connected = Promise.withResolvers<void>()
      const { context, printed } = makeCliContext(
        { ...environment, CHANDLER_LOG_LEVEL: 'error' },
        {
          signal: stop.signal,
          onOutput: () => {
            if (printed.out.includes(`${count} simulated instances connected`)) connected.resolve()
          },
        },
      )
      const ended = runCli(context, ['instance', 'simulate', ...to, ...options]).then((code) => {
        connected.reject(new Error(`the simulation ended with ${code}:\n${printed.out}${printed.err}`))
      })
      const simulation: Simulation = {
        async stop() {
          stop.abort()
          await ended
        },
      }
      simulations.push(simulation)
      await connected.promise
      return simulation
    },
    async makeExtension(name, files = {}) {
      const place = join(folder, 'extensions', name)
      await mkdir(place, { recursive: true })
      const all = {
        'extension.yaml': [
          `name: ${name}`,
          'parameters:',
          '  port: { type: Number, default: 80, max: 65535 }',
          '  secret: { type: String, default: "", noEcho: true }',
          'configurations:',
          '  - { os: linux, artifact: package.bin, install: install.sh, uninstall: install.sh }',
        ].join('\n'),
        'install.sh': '#!/bin/sh\necho hello\n',
        'package.bin': 'the package',
        ...files,
      }
      for (const [file, content] of Object.entries(all)) await writeFile(join(place, file), content)
      return place
    },
    async createExtension(name) {
      const place = await system.makeExtension(name)
      await system.json('extension', 'create', place)
      return place
    },
    async stop() {
      // The server last: the others still send to it.
      for (const child of children.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      for (const simulation of simulations) await simulation.stop()
      await running.close()
      await db.stop()
      await rm(folder, { recursive: true })
    },
  }
  return system
}
