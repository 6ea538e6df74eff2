import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from './client.ts'
import { ClientError, UnreachableError } from './client-error.ts'
import { itemsOf } from './pages.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(answer: Answer) {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close().closeAllConnections())
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { address, client: createClient({ server: `${address}/`, accessKeyId: 'ak', accessKeySecret: 's:3' }) }
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const extension = (name: string) => ({
  id: `ext-${name}`,
  name,
  type: 'Application',
  description: '',
  latestVersion: 'v1',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  createdBy: 'alice',
  updatedBy: 'alice',
  tags: {},
  resourceGroup: '',
  installedOn: {},
  brokenOn: 0,
})

describe('requests', () => {
  test('carry the credentials, and encode paths and queries', async () => {
    const seen: unknown[] = []
    const { client } = await serve(({ url, method, headers }, response) => {
      seen.push([method, url, headers.authorization])
      json(response, extension('a'))
    })
    await client.extensions.get('../a b')
    expect(seen).toEqual([['GET', '/api/v1/extensions/..%2Fa%20b', `Basic ${btoa('ak:s:3')}`]])
  })

  test('have JSON bodies, and omit absent query values', async () => {
    const { client } = await serve(async (request, response) => {
      expect([request.url, request.headers['content-type']]).toEqual(['/api/v1/join-tokens', 'application/json'])
      const { uses } = JSON.parse(await text(request)) as { uses: number }
      const times = { expiresAt: '2026-01-01T00:00:00Z', createdAt: '2026-01-01T00:00:00Z' }
      json(
        response,
        {
          id: 'jt-1',
          install: [],
          token: 'ct_1',
          uses,
          tags: {},
          allowedTags: [],
          approve: false,
          resourceGroup: '',
          role: 'ExtensionInstance',
          ...times,
        },
        201,
      )
    })
    expect(await client.joinTokens.create({ uses: 3 })).toMatchObject({ token: 'ct_1', uses: 3 })
  })

  test('a list is read to its end, one page at a time', async () => {
    const asked: (string | null)[] = []
    const { client } = await serve(({ url }, response) => {
      const token = new URL(url ?? '', 'http://x').searchParams.get('nextToken')
      asked.push(token)
      json(response, token ? { items: [extension('b')] } : { items: [extension('a')], nextToken: 'p 2' })
    })
    const names: string[] = []
    for await (const { name } of itemsOf(client.extensions.list)) names.push(name)
    expect([names, asked]).toEqual([
      ['a', 'b'],
      [null, 'p 2'],
    ])
  })
})

describe('errors', () => {
  test('a problem document becomes a ClientError', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      code: 'ExtensionNotFound',
      detail: 'Extension "x" does not exist in this account.',
      next: 'See the names.',
      problems: [{ path: 'name', message: 'unknown' }],
      requestId: 'r1',
    }
    const { client } = await serve((_, response) => json(response, problem, 404))
    const error = await client.extensions.get('x').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({
      code: 'ExtensionNotFound',
      status: 404,
      message: problem.detail,
      next: problem.next,
      problems: problem.problems,
      requestId: 'r1',
    })
  })

  test.each([
    ['a page of a proxy', 502, '<html>bad gateway</html>', 'it has status 502 and is no problem document'],
    ['not JSON', 200, 'hello', 'the answer: '],
    ['another form', 200, '{"id":1}', 'id: '],
  ])('%s is reported as such', async (_, status, body, reason) => {
    const { client, address } = await serve((__, response) => response.writeHead(status).end(body))
    const error = await client.extensions.get('x').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'AnswerInvalid', status })
    expect((error as Error).message).toContain(`${address}/api/v1/extensions/x`)
    expect((error as Error).message).toContain(reason)
  })

  test('no server: UnreachableError with the address and the reason', async () => {
    const { client, address } = await serve(() => undefined)
    closers.pop()?.()
    const error = await client.extensions.list().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(UnreachableError)
    expect((error as Error).message).toMatch(`The server at ${address} cannot be reached: connect ECONNREFUSED`)
  })

  test('a truncated answer is an UnreachableError, too', async () => {
    const { client } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy())
    })
    await expect(client.extensions.list()).rejects.toBeInstanceOf(UnreachableError)
  })
})

describe('artifacts', () => {
  const sha256 = 'ab'.repeat(32)
  const file = (body: string) => ({ sha256, sizeBytes: body.length, open: async () => new Blob([body]) })

  test('are sent only if the server does not have them', async () => {
    const stored = new Set<string>()
    const { client } = await serve(async (request, response) => {
      if (request.method === 'HEAD') return response.writeHead(stored.has(request.url ?? '') ? 200 : 404).end()
      expect([request.method, request.url, request.headers['x-content-sha256']]).toEqual([
        'PUT',
        '/api/v1/artifacts',
        sha256,
      ])
      stored.add(`/api/v1/artifacts/${sha256}`)
      return json(response, { sha256, sizeBytes: (await text(request)).length, existed: false }, 201)
    })
    expect(await client.artifacts.upload(file('bytes'))).toEqual({ sha256, sizeBytes: 5, existed: false })
    expect(await client.artifacts.upload(file('bytes'))).toEqual({ sha256, sizeBytes: 5, existed: true })
  })

  test('are refused if the bytes arrived corrupted', async () => {
    const { client } = await serve((request, response) => {
      if (request.method === 'HEAD') return response.writeHead(404).end()
      request.resume()
      return json(response, { sha256: 'cd'.repeat(32), sizeBytes: 5, existed: false }, 201)
    })
    await expect(client.artifacts.upload(file('bytes'))).rejects.toMatchObject({ code: 'ArtifactDigestMismatch' })
  })
})

describe('objects', () => {
  const sha256 = 'ab'.repeat(32)
  const name = { bucket: 'my-ext', key: 'demo/1 a.rpm' }
  const address = '/api/v1/buckets/my-ext/objects/demo%2F1%20a.rpm'

  test('need only a name if the server has the bytes', async () => {
    const asked: unknown[] = []
    let has = false
    const { client } = await serve(async (request, response) => {
      if (request.method === 'HEAD') return response.writeHead(has ? 200 : 404).end()
      asked.push([request.method, request.url, await text(request)])
      return json(response, { ...name, sha256, sizeBytes: 5, updatedAt: '2026-01-01T00:00:00Z' })
    })
    const put = () => client.objects.put(name, { sha256, sizeBytes: 5, open: async () => new Blob(['bytes']) })
    await put()
    has = true
    await put()
    expect(asked).toEqual([
      ['PUT', address, 'bytes'],
      ['PUT', `${address}?artifact=${sha256}`, ''],
    ])
  })

  test.each(['HEAD', 'PUT'])('bytes that the user may not read there are sent: %s is refused', async (refused) => {
    const asked: unknown[] = []
    const { client } = await serve(async (request, response) => {
      asked.push([request.method, request.url, await text(request)])
      if (request.method === 'PUT' && request.url === address)
        return json(response, { ...name, sha256, sizeBytes: 5, updatedAt: '2026-01-01T00:00:00Z' })
      return response.writeHead(request.method === refused ? 403 : 200).end()
    })
    const put = await client.objects.put(name, { sha256, sizeBytes: 5, open: async () => new Blob(['bytes']) })
    expect(put).toMatchObject(name)
    expect(asked.at(-1)).toEqual(['PUT', address, 'bytes'])
    expect(asked).toHaveLength(refused === 'HEAD' ? 2 : 3)
  })

  test('are streamed with their sha256; a truncated one is an UnreachableError', async () => {
    const { client } = await serve((_, response) => {
      response.writeHead(200, { etag: `"${sha256}"`, 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    const object = await client.objects.get(name)
    expect(object.sha256).toBe(sha256)
    const read = async () => {
      for await (const chunk of object.bytes) expect(Buffer.from(chunk).toString()).toBe('half')
    }
    await expect(read()).rejects.toBeInstanceOf(UnreachableError)
  })

  test('are invalid without a sha256', async () => {
    const { client } = await serve((_, response) => response.end('a page of a proxy'))
    await expect(client.objects.get(name)).rejects.toMatchObject({ code: 'AnswerInvalid' })
  })
})

describe('following', () => {
  const task = (ordinal: number) => ({
    id: `task-a-${ordinal}`,
    ordinal,
    batch: 1,
    instanceId: 'i-1',
    instanceName: 'one',
    step: 'install',
    status: 'Running',
    reasonCode: 'Dispatched',
    reason: '',
    attempt: 1,
    revision: ordinal,
  })
  const event = (id: number) => `id: ${id}\nevent: tasks\ndata: ${JSON.stringify([task(id)])}\n\n`

  test('continues after the last event over lost connections and temporary refusals, and ends at the end', async () => {
    const asked: unknown[] = []
    const { client } = await serve(({ url, headers }, response) => {
      asked.push([url, headers['last-event-id']])
      if (asked.length === 2) return response.writeHead(503).end('restarting')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (asked.length === 1) return response.write(event(1) + event(2), () => response.destroy())
      return response.end(`${event(3)}event: new-kind\ndata: {}\n\nevent: end\ndata: {}\n\n`)
    })
    const received: string[] = []
    const follow = client.executions.follow('exec-a', {
      after: 0,
      onLost: ({ code }) => received.push(`lost: ${code}`),
      onBack: () => received.push('back'),
    })
    for await (const change of follow) if (change.kind === 'tasks') received.push(change.tasks[0]?.id ?? '')
    expect(received).toEqual(['task-a-1', 'task-a-2', 'lost: ServerUnreachable', 'back', 'task-a-3'])
    expect(asked).toEqual([
      ['/api/v1/executions/exec-a/events?after=0', undefined],
      ['/api/v1/executions/exec-a/events', '2'],
      ['/api/v1/executions/exec-a/events', '2'],
    ])
  })

  test('skips output that is repeated after a lost connection', async () => {
    let connections = 0
    const chunk = (offset: number, stream: string) => ({
      invocationId: 'inv-a-1-1',
      instanceId: 'i-1',
      instanceName: 'one',
      stream,
      offset,
      at: '2026-01-01T00:00:00Z',
      data: 'YWI=',
    })
    const say = (...chunks: unknown[]) => `event: output\ndata: ${JSON.stringify(chunks)}\n\n`
    const { client } = await serve((_, response) => {
      connections += 1
      response.writeHead(200)
      const first = say(chunk(0, 'stdout'), chunk(0, 'stderr'), chunk(2, 'stdout'))
      if (connections === 1) return response.write(first, () => response.destroy())
      return response.end(`${first}${say(chunk(2, 'stderr'))}event: end\ndata: {}\n\n`)
    })
    const received: string[] = []
    for await (const chunks of client.executions.followOutput('exec-a')) {
      received.push(...chunks.map(({ stream, offset }) => `${stream} ${offset}`))
    }
    expect(received).toEqual(['stdout 0', 'stderr 0', 'stdout 2', 'stderr 2'])
  })

  test('ends at a refusal', async () => {
    const { client } = await serve((_, response) => response.writeHead(403).end())
    await expect(client.executions.follow('exec-a').next()).rejects.toMatchObject({ status: 403 })
  })

  test('reads the execution again when the server is away for a moment', async () => {
    const statuses: number[] = []
    const { client } = await serve(({ url }, response) => {
      if (url?.includes('/events')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        return response.write('id: 1\nevent: batches\ndata: []\n\n')
      }
      statuses.push(statuses.length === 0 ? 503 : 403)
      return response.writeHead(statuses.at(-1) ?? 500).end()
    })
    await expect(client.executions.follow('exec-a').next()).rejects.toMatchObject({ status: 403 })
    expect(statuses).toEqual([503, 403])
  })

  test('ends when the server stays unreachable', async () => {
    const { client } = await serve((_, response) => response.destroy())
    const follow = client.executions.follow('exec-a', { retryTimeoutMs: 0 })
    await expect(follow.next()).rejects.toBeInstanceOf(UnreachableError)
  })

  test('can be aborted during a delay', async () => {
    const stop = new AbortController()
    const { client } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(1))
    })
    const follow = client.executions.follow('exec-a', { signal: stop.signal })
    expect((await follow.next()).done).toBe(false)
    const next = follow.next()
    stop.abort()
    expect((await next).done).toBe(true)
  })
})
