import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { silentLogger } from '../../src/lib/logger.ts'
import { createManualClock } from '../../src/lib/manual-clock.ts'
import { connectDatabase } from '../../src/server/boot/connect-database.ts'
import { startTestDatabase } from '../integration/database/postgres.ts'
import { basic } from '../integration/registry/test-api.ts'
import { runProgram, type ServerProcess, startServerProcess } from './server-process.ts'

// Each test starts servers several times, and a start that creates a database takes long on a busy
// machine.
vi.setConfig({ testTimeout: 400_000 })

let directory: string
const started: ServerProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chandler-server-'))
  // A server that runs as root keeps its database in here as another user, who has to enter it.
  await chmod(directory, 0o755)
})
afterEach(async () => {
  for (const server of started.splice(0)) {
    server.kill('SIGTERM')
    await server.exited
  }
  await rm(directory, { recursive: true })
})

async function start(...[data = join(directory, 'data'), options]: Partial<Parameters<typeof startServerProcess>>) {
  const server = await startServerProcess(data, options)
  started.push(server)
  return server
}

const get = (url: string | undefined, key: { id: string; secret: string }) =>
  fetch(`${url}/api/v1/access-keys`, { headers: { authorization: basic(key) } })
const settingIn = (said: readonly string[], name: string) =>
  said
    .map((line) => line.trim())
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1)

const signIn = async (url: string | undefined, password: string) => {
  const headers = { 'content-type': 'application/json', 'x-chandler-console': '1', origin: `${url}` }
  const body = JSON.stringify({ userName: 'admin', password })
  return (await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body })).status
}
const end = async (server: ServerProcess) => {
  server.kill('SIGTERM')
  await server.exited
}

describe('a single server', () => {
  test('creates its key at the first start and stores it in a file; stops within seconds, with 0, whatever is open; accepts the key again', async () => {
    const first = await start()
    const file = join(directory, 'data', 'initial-credentials')
    const kept = (await readFile(file, 'utf8')).split('\n')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const key = {
      id: settingIn(kept, 'CHANDLER_ACCESS_KEY_ID') ?? '',
      secret: settingIn(kept, 'CHANDLER_ACCESS_KEY_SECRET') ?? '',
    }
    const password = settingIn(kept, 'CONSOLE_PASSWORD') ?? ''
    // A service's standard output goes to a journal.
    expect(first.said.join('\n')).toContain(file)
    for (const secret of [key.secret, password]) {
      expect(secret.length).toBeGreaterThan(15)
      expect(first.said.join('\n') + first.complaint()).not.toContain(secret)
    }
    expect(await signIn(first.url, password)).toBe(201)
    expect(key.id).toMatch(/^ak-/)
    expect(first.said.at(-1)).toBe(`chandler listening on ${first.url}`)
    // The client keeps this connection open while the server is being stopped.
    expect((await get(first.url, key)).status).toBe(200)
    expect(await (await fetch(`${first.url}/readyz`)).json()).toMatchObject({ status: 'ready' })

    const toldAt = performance.now()
    first.kill('SIGTERM')
    expect(await first.exited).toEqual({ code: 0 })
    expect(performance.now() - toldAt).toBeLessThan(10_000)
    expect(first.complaint()).not.toContain(key.secret)

    const second = await start()
    expect(second.said.join('\n')).not.toContain('ACCESS_KEY')
    expect((await get(second.url, key)).status).toBe(200)
    second.kill('SIGINT')
    expect(await second.exited).toEqual({ code: 0 })
  })

  test('takes the first key from the environment, and does not print it', async () => {
    const key = { id: 'given-key', secret: 'given-secret-0123' }
    const environment = { CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: key.id, CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: key.secret }
    const server = await start(undefined, { environment })
    expect((await get(server.url, key)).status).toBe(200)
    expect(server.said.join('\n') + server.complaint()).not.toContain(key.secret)
    expect(server.complaint()).not.toContain('variables are ignored')
    await end(server)

    // Later starts ignore these settings: the log says so, unless they match the stored ones.
    const same = await start(undefined, { environment })
    await vi.waitFor(() => expect(same.complaint()).toContain('the server is ready'), 60_000)
    await end(same)
    expect(same.complaint()).not.toContain('variables are ignored')
    const other = await start(undefined, {
      environment: {
        ...environment,
        CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: 'another-secret-0123',
        CHANDLER_BOOTSTRAP_PASSWORD: 'another password',
      },
    })
    await vi.waitFor(() => {
      expect(other.complaint()).toContain('variables are ignored')
      expect(other.complaint()).toMatch(/CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET.*CHANDLER_BOOTSTRAP_PASSWORD/)
    }, 60_000)
    expect((await get(other.url, key)).status).toBe(200)
  })

  test("resets the administrator's credentials while it is stopped; the old sessions and password end", async () => {
    const first = await start()
    const kept = (await readFile(join(directory, 'data', 'initial-credentials'), 'utf8')).split('\n')
    const refused = await runProgram(['server', 'reset-admin', '--data', join(directory, 'data')])
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`in use by another Chandler server, process ${first.pid}`),
    })
    await end(first)
    const reset = await runProgram(['server', 'reset-admin', '--data', join(directory, 'data')])
    expect(reset.code, reset.stderr).toBe(0)
    const lines = reset.stdout.split('\n')
    const second = await start()
    const key = {
      id: settingIn(lines, 'CHANDLER_ACCESS_KEY_ID') ?? '',
      secret: settingIn(lines, 'CHANDLER_ACCESS_KEY_SECRET') ?? '',
    }
    expect((await get(second.url, key)).status).toBe(200)
    expect(await signIn(second.url, settingIn(lines, 'CONSOLE_PASSWORD') ?? '')).toBe(201)
    expect(await signIn(second.url, settingIn(kept, 'CONSOLE_PASSWORD') ?? '')).toBe(401)
    const nowhere = await runProgram(['server', 'reset-admin', '--data', join(directory, 'nowhere')])
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('is not the data directory of a server') })
    expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  })

  test('stops at the first SIGTERM during its start, and starts again afterwards', async () => {
    const starting = startServerProcess(join(directory, 'data'))
    await vi.waitFor(() => expect(existsSync(join(directory, 'data', 'server.pid'))).toBe(true), {
      timeout: 110_000,
      interval: 5,
    })
    const { pid } = JSON.parse(await readFile(join(directory, 'data', 'server.pid'), 'utf8')) as { pid: number }
    const toldAt = performance.now()
    process.kill(pid, 'SIGTERM')
    const ended = await starting
    expect(await ended.exited).toEqual({ code: 0 })
    expect(performance.now() - toldAt).toBeLessThan(10_000)
    expect(ended.url).toBeUndefined()
    expect((await start()).url).toBeDefined()
  })

  test('does not share its data directory', async () => {
    const first = await start()
    const second = await start()
    expect(second.url).toBeUndefined()
    expect((await second.exited).code).not.toBe(0)
    expect(second.complaint()).toContain(
      `The data directory ${join(directory, 'data')} is in use by another Chandler server, process ${first.pid}.`,
    )
    expect(second.complaint()).toContain('--data')
    expect(second.complaint()).not.toMatch(/^\s+at /m)
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200)
  })

  test('reports a port in use, and leaves no database running', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    const server = await start(undefined, { listen: `127.0.0.1:${port}` })
    expect((await server.exited).code).not.toBe(0)
    expect(server.complaint()).toContain(`The address 127.0.0.1:${port} is already in use.`)
    expect(server.complaint()).toContain('--listen HOST:PORT')
    expect(server.complaint()).not.toMatch(/^\s+at /m)
    other.close()
    // The same folder starts immediately: leftovers of the failed start do not block it. This start
    // creates the account.
    expect(existsSync(join(directory, 'data', 'initial-credentials'))).toBe(false)
    const next = await start()
    expect(next.url).toBeDefined()
    expect(next.said.join('\n')).toContain('This is the first start.')
  })

  test('names an invalid setting', async () => {
    const server = await start(undefined, { environment: { CHANDLER_REGION: 'Not A Region' } })
    expect((await server.exited).code).not.toBe(0)
    expect(server.complaint()).toContain('CHANDLER_REGION')
  })
})

describe('servers on one external database', () => {
  test('a database that forbids a part of the start ends it, with the reason', async () => {
    const db = await startTestDatabase({ migrated: false })
    const role = `app_${process.pid}`
    await db.pool.query(`create role ${role} login; grant create on schema public to ${role}`)
    await db.pool.query('create extension if not exists pgcrypto')
    await db.pool.query(`revoke create on database ${db.connection.database} from public`)
    // The schema of the work engine cannot be created: by then the gateway and this server's
    // heartbeat run.
    const url = new URL(db.url.replace('postgresql:///', 'postgresql://x/'))
    url.searchParams.set('user', role)
    const from = performance.now()
    const server = await start(join(directory, 'data'), {
      environment: { DATABASE_URL: url.href.replace('postgresql://x/', 'postgresql:///') },
    })
    expect((await server.exited).code).toBe(1)
    expect(performance.now() - from).toBeLessThan(30_000)
    expect(server.complaint()).toContain('permission denied')
    await db.pool.query(`drop owned by ${role}; drop role ${role}`)
    await db.stop()
  })

  test('work together with one secret key, and one with another key refuses to start', async () => {
    const db = await startTestDatabase({ migrated: false })
    const key = { id: 'given-key', secret: 'given-secret-0123' }
    const environment = {
      DATABASE_URL: db.url,
      CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: key.id,
      CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: key.secret,
    }
    const first = await start(join(directory, 'first'), { environment })
    const secretKey = (await readFile(join(directory, 'first', 'secret.key'), 'utf8')).trim()
    const second = await start(join(directory, 'second'), {
      environment: { ...environment, CHANDLER_SECRET_KEY: secretKey },
    })
    expect([(await get(first.url, key)).status, (await get(second.url, key)).status]).toEqual([200, 200])

    const third = await start(join(directory, 'third'), { environment })
    expect((await third.exited).code).not.toBe(0)
    expect(third.complaint()).toContain('was sealed with another secret key')
    for (const server of started.splice(0)) {
      server.kill('SIGTERM')
      await server.exited
    }
    await db.stop()
  })

  test('a database that never comes up is named after half a minute', async () => {
    const clock = createManualClock()
    const connecting = connectDatabase(
      { host: join(directory, 'nowhere'), user: 'x', database: 'x' },
      { clock, log: silentLogger, random: () => 0 },
    )
    const outcome = vi.fn<(error: unknown) => void>()
    connecting.catch(outcome)
    await vi.waitFor(
      async () => {
        await clock.advance(2_000)
        expect(outcome).toHaveBeenCalled()
      },
      { timeout: 110_000 },
    )
    expect(outcome.mock.calls[0]?.[0]).toMatchObject({
      name: 'OperatorError',
      message: expect.stringMatching(/^The database is unavailable .* DATABASE_URL/),
    })
    expect(clock.now()).toBeGreaterThan(30_000)
  })

  test('a database that refuses the server is named at once', async () => {
    const db = await startTestDatabase({ migrated: false })
    const connecting = connectDatabase(
      { ...db.connection, database: 'no_such_database' },
      { clock: createManualClock(), log: silentLogger, random: () => 0 },
    )
    await expect(connecting).rejects.toThrow(
      'The database refuses the connection: database "no_such_database" does not exist.',
    )
    await db.stop()
  })
})
