import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDatabase, createPool } from '../../../src/store/database/database.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database)
})
afterEach(() => api.close())

const post = (body: unknown) => api.call('POST', '/api/v1/extensions', body)

describe('bodies', () => {
  test.each([
    ['no JSON', '{"name": demo}', 400, 'BodyInvalid'],
    ['half of it', '{"name": "demo"', 400, 'BodyInvalid'],
    ['deeply nested JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'BodyTooDeep'],
    ['JSON nested by one too much', `${'['.repeat(65)}${']'.repeat(65)}`, 400, 'BodyTooDeep'],
    ['the wrong kind of value', '[]', 400, 'RequestInvalid'],
    ['nothing', '', 400, 'RequestInvalid'],
    ['a NUL character', '{"name":"demo","description":"a\\u0000b","configurations":[]}', 400, 'BodyInvalid'],
    ['half of a character', '{"name":"demo","description":"\\ud800","configurations":[]}', 400, 'BodyInvalid'],
    ['a prototype', '{"name":"demo","__proto__":{"admin":true}}', 400, 'BodyInvalid'],
    ['a prototype in disguise', '{"name":"demo","\\u005f_proto__":{"admin":true}}', 400, 'BodyInvalid'],
    ['more than 2 MiB', `{"name":"${'x'.repeat(2 * 1024 * 1024)}"}`, 413, 'BodyTooLarge'],
  ])('%s is refused', async (_, body, status, code) => {
    const answer = await post(body)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('depth counts brackets, not those in strings', async () => {
    const deep = JSON.stringify({ name: 'demo', description: `\\"${'['.repeat(500)}`, configurations: [] })
    expect((await post(deep)).body).toMatchObject({ code: 'RequestInvalid', problems: [{ path: 'configurations' }] })
  })

  test('bytes that are not UTF-8 are refused', async () => {
    const response = await fetch(`${api.url}/api/v1/extensions`, {
      method: 'POST',
      headers: { authorization: basic(admin), 'content-type': 'application/json' },
      body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    })
    expect(await response.json()).toMatchObject({ code: 'BodyInvalid', detail: expect.stringContaining('UTF-8') })
  })

  test('another content type is refused', async () => {
    const response = await fetch(`${api.url}/api/v1/extensions`, {
      method: 'POST',
      headers: { authorization: basic(admin), 'content-type': 'text/yaml' },
      body: 'name: demo',
    })
    expect(await response.json()).toMatchObject({ status: 415, code: 'MediaTypeUnsupported' })
  })

  test('of many problems the first hundred are listed, and the answer stays small', async () => {
    const fields = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`field-${index}`, 1]))
    const { status, body } = await api.call('POST', '/agent/v1/enrol', { ...fields, ['x'.repeat(2_000)]: 1 }, null)
    expect([status, body.code, body.problems.length]).toEqual([400, 'RequestInvalid', 100])
    expect(body.detail).toMatch(/\(and 40\d\d more\)/)
    expect(JSON.stringify(body).length).toBeLessThan(20_000)
  })

  test.each(['/agent/v1/enrol', '/api/v1/session'])(
    'a large body to %s, which is open to anyone, is not read',
    async (path) => {
      const { status, body } = await api.call('POST', path, { token: 'a'.repeat(70_000) }, null)
      expect([status, body.code]).toEqual([413, 'BodyTooLarge'])
    },
  )

  test('the body of a request to an unknown route is not read', async () => {
    const { status, body } = await api.call('POST', '/api/v1/nowhere', '{"no": json', null)
    expect([status, body.code]).toEqual([404, 'NotFound'])
  })

  test('every problem is reported with its place', async () => {
    const { body } = await post({
      name: 7,
      type: 'Toy',
      scope: { platforms: [{ id: '' }] },
      configurations: [{ os: 'linux', arch: 5, scripts: { start: 'x' } }],
      colour: 'red',
    })
    expect(body.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      'colour',
      'configurations.0.arch',
      'configurations.0.scripts.start',
      'name',
      'scope.platforms.0.id',
      'type',
    ])
    expect(body.detail).toContain('(and 5 more)')
  })

  /**
   * 100 MB of JSON, written as fast as the server reads; returns how much it read, and its answer.
   */
  async function send100Megabytes(headers: Record<string, string | number>) {
    const block = Buffer.alloc(1_000_000, 'x')
    let sentBytes = 0
    const body = Readable.from(
      (function* () {
        yield Buffer.from('{"name":"')
        for (let count = 0; count < 100; count++) {
          sentBytes += block.length
          yield block
        }
        yield Buffer.from('"}')
      })(),
    )
    const request = httpRequest(`${api.url}/api/v1/extensions`, {
      method: 'POST',
      headers: { authorization: basic(admin), 'content-type': 'application/json', ...headers },
    })
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      request.on('response', resolve).on('error', reject),
    )
    body.pipe(request)
    const response = await answered
    const problem = JSON.parse(await text(response))
    // Node's client stops in the middle once it has the answer.
    request.destroy()
    return { sentBytes, status: response.statusCode, problem }
  }

  test.each([
    ['announced', { 'content-length': 100_000_011 }],
    ['in chunks', {}],
  ])('100 MB of JSON, %s, are refused without being buffered', async (_, headers) => {
    const before = process.memoryUsage().rss
    const { sentBytes, status, problem } = await send100Megabytes(headers)
    expect([status, problem.code]).toEqual([413, 'BodyTooLarge'])
    expect(sentBytes).toBeLessThan(100_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000)
  })
})

describe('answers', () => {
  test('have the security headers for browsers', async () => {
    const { headers } = await api.call('GET', '/api/v1/instances')
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-request-id': expect.stringMatching(/^req-/),
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('name what does not exist', async () => {
    const { status, body } = await api.call('GET', '/api/v1/nothing?token=secret', undefined, null)
    expect([status, body.code, body.detail]).toEqual([404, 'NotFound', 'The path /api/v1/nothing does not exist.'])
    expect((await api.call('GET', '/%E0%A4%A', undefined, null)).body).toMatchObject({
      status: 400,
      code: 'RequestInvalid',
    })
  })

  test('a long path is cut, in the answer and the log', async () => {
    const { body } = await api.call('GET', `/${'a'.repeat(100_000)}`, undefined, null)
    expect(body.detail.length).toBeLessThan(700)
    await expect
      .poll(() => api.log.filter((line) => line.includes('aaaa')).map((line) => line.length < 1_000))
      .toEqual([true])
  })

  test('a query longer than any list needs is refused', async () => {
    const { status, body } = await api.call('GET', `/api/v1/instances?${'a=&'.repeat(30_000)}`)
    expect([status, body.detail]).toEqual([400, expect.stringContaining('longer than 65536 bytes')])
  })

  test('are logged in one line each, without the query', async () => {
    const { headers } = await api.call('GET', '/api/v1/instances?name=something')
    const line = api.log
      .map((entry) => JSON.parse(entry))
      .find(({ requestId }) => requestId === headers.get('x-request-id'))
    expect(line).toMatchObject({
      level: 'info',
      message: 'request',
      method: 'GET',
      path: '/api/v1/instances',
      status: 200,
      actor: 'admin',
      source: '127.0.0.1',
    })
  })
})

describe('information about the server', () => {
  test('/ describes the server', async () => {
    expect((await api.call('GET', '/', undefined, null)).body).toMatchObject({
      name: 'Chandler',
      version: '1.2.3',
      docs: '/docs',
    })
  })

  test('the OpenAPI document is 3.1, every reference resolves, no name is used twice, and the pages that show it work', async () => {
    const { body } = await api.call('GET', '/openapi.json', undefined, null)
    expect(body.openapi).toBe('3.1.0')
    const references = new Set(
      [...JSON.stringify(body).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name),
    )
    expect(references).toEqual(new Set(Object.keys(body.components.schemas)))
    expect(Object.keys(body.components.schemas)).toEqual(
      expect.arrayContaining(['Instance', 'Extension', 'ExtensionRequest', 'Execution', 'Problem']),
    )
    expect(Object.keys(body.components.schemas).filter((name) => name.endsWith('Input'))).toEqual([])
    for (const methods of Object.values<Record<string, { summary?: string; responses: object }>>(body.paths))
      for (const operation of Object.values(methods))
        expect(operation).toMatchObject({ summary: expect.any(String), responses: { default: {} } })
    const docs = await fetch(`${api.url}/docs`)
    expect([docs.status, docs.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  test('/install.sh is a script with the requested URL, or with none if that is not a plain one', async () => {
    const good = await fetch(`${api.url}/install.sh`)
    expect([good.headers.get('content-type'), good.headers.get('cache-control')]).toEqual([
      'text/x-shellscript; charset=utf-8',
      'no-store',
    ])
    expect(await good.text()).toContain(`\ndefault_server='${api.url}'\n`)
    const bad = httpRequest(`${api.url}/install.sh`, { headers: { host: 'x$(reboot)' } }).end()
    const response = await new Promise<IncomingMessage>((resolve) => bad.on('response', resolve))
    const script = await text(response)
    expect(script).toContain("\ndefault_server=''\n")
    expect(script).not.toContain('reboot')
  })
})

describe('a database that is down', () => {
  /** A proxy between the API and PostgreSQL that can be removed. */
  async function startProxy(directory: string, to: string) {
    const sockets = new Set<Socket>()
    let server: Server
    const proxy = {
      async up() {
        server = createServer((socket) => {
          const other = connect(to)
          for (const one of [socket, other]) {
            sockets.add(one)
            one.on('error', () => one.destroy()).on('close', () => sockets.delete(one))
          }
          socket.pipe(other).pipe(socket)
        })
        await new Promise<void>((resolve) => server.listen(join(directory, '.s.PGSQL.5432'), resolve))
      },
      async down() {
        const closed = new Promise((resolve) => server.close(resolve))
        for (const socket of sockets) socket.destroy()
        await closed
      },
    }
    await proxy.up()
    return proxy
  }

  test('is reported to users and health checks, and the server recovers by itself', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pg-'))
    const proxy = await startProxy(directory, join(db.connection.host, '.s.PGSQL.5432'))
    const broken: Error[] = []
    const pool = createPool({ ...db.connection, host: directory }, (error) => broken.push(error))
    const own = await startTestApi(createDatabase(pool))
    try {
      expect((await own.call('GET', '/readyz', undefined, null)).body).toEqual({
        status: 'ready',
        checks: { database: 'ok', objects: 'ok' },
      })
      expect((await own.call('GET', '/api/v1/instances')).status).toBe(200)
      await proxy.down()
      await vi.waitFor(() => expect(broken.length).toBeGreaterThan(0), { timeout: 110_000 })

      const refused = await own.call('GET', '/api/v1/instances')
      expect(refused.body).toMatchObject({
        status: 503,
        code: 'DatabaseUnavailable',
        next: expect.stringContaining('reconnects automatically'),
      })
      const readiness = await own.call('GET', '/readyz', undefined, null)
      expect([readiness.status, readiness.body.checks]).toEqual([503, { database: 'unavailable', objects: 'ok' }])
      expect((await own.call('GET', '/healthz', undefined, null)).status).toBe(200)
      expect(own.log.join('')).toContain('"code":"DatabaseUnavailable"')

      await proxy.up()
      expect((await own.call('GET', '/api/v1/instances')).status).toBe(200)
      expect((await own.call('GET', '/readyz', undefined, null)).status).toBe(200)
    } finally {
      await own.close()
      await pool.end()
      await proxy.down()
      await rm(directory, { recursive: true })
    }
  })
})

test('closing does not wait for connections without a request: browsers open some in advance', async () => {
  const own = await startTestApi(db.database)
  const { hostname, port } = new URL(own.url)
  const silent = connect(Number(port), hostname)
  await once(silent, 'connect')
  const closed = once(silent, 'close')
  await own.close()
  await closed
  expect(silent.bytesRead).toBe(0)
})
