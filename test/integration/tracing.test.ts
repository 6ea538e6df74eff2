/** Traces of a server, sent to a collector in this process. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { accessKey, createSystem, type Server as ServerProcess, type System } from '../faults/system.ts'
import { startTestDatabase, type TestDatabase } from './database/postgres.ts'

interface SeenSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly status?: { readonly code?: number }
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

let system: System
let db: TestDatabase
let collector: Server
let server: ServerProcess
const spans: SeenSpan[] = []
const resources: unknown[] = []
const received: { readonly type: string | undefined; readonly text: string }[] = []

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers['content-type'] === 'application/json') {
    const body = (await json(request)) as {
      resourceSpans: { resource: unknown; scopeSpans: { spans: SeenSpan[] }[] }[]
    }
    received.push({ type: request.headers['content-type'], text: JSON.stringify(body) })
    for (const { resource, scopeSpans } of body.resourceSpans) {
      resources.push(resource)
      spans.push(...scopeSpans.flatMap((scope) => scope.spans))
    }
  } else {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    received.push({ type: request.headers['content-type'], text: Buffer.concat(parts).toString('latin1') })
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
}

beforeAll(async () => {
  collector = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  system = await createSystem()
  db = await startTestDatabase()
  server = await system.addServer({ environment: environmentOf('http/json') })
})
afterAll(async () => {
  await system?.stop()
  await db?.stop()
  collector.closeAllConnections()
  collector.close()
})

const environmentOf = (protocol: string) => ({
  DATABASE_URL: db.url,
  CHANDLER_OBJECTS: join(system.folder, 'objects'),
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
})
const traceId = '0af7651916cd43dd8448eb211c80319c'
const authorization = `Basic ${btoa(`${accessKey.accessKeyId}:${accessKey.accessKeySecret}`)}`
const attributeOf = (span: SeenSpan, key: string) =>
  Object.values(span.attributes.find((attribute) => attribute.key === key)?.value ?? {})[0]

test('a request continues the trace of its client; its statements are below it, with names and no values', async () => {
  onTestFailed(() => console.error(system.describe()))
  const parent = 'b7ad6b7169203331'
  const secret = 'a-name-that-must-not-leave'
  const response = await fetch(`${server.url}/api/v1/instances?search=${secret}`, {
    headers: { authorization, traceparent: `00-${traceId}-${parent}-01` },
  })
  expect(response.status, await response.text()).toBe(200)
  const request = await vi.waitFor(
    () => {
      const found = spans.find((span) => span.traceId === traceId && span.parentSpanId === parent)
      expect(found).toBeDefined()
      return found as SeenSpan
    },
    { timeout: 110_000, interval: 50 },
  )
  expect(request).toMatchObject({ name: 'GET /api/v1/instances', kind: 2 })
  expect(attributeOf(request, 'http.response.status_code')).toBe(200)
  expect(attributeOf(request, 'chandler.request_id')).toMatch(/^req-/)
  const statements = spans.filter((span) => span.traceId === traceId && span.parentSpanId === request.spanId)
  expect(statements.map(({ name }) => name)).toContain('select instances')
  expect(received.map(({ text }) => text).join('')).not.toContain(secret)
  const resource = JSON.stringify(resources[0])
  for (const text of ['"service.name"', '"chandler"', 'service.instance.id', 'server-', 'deployment.environment.name'])
    expect(resource).toContain(text)
})

test('an invalid traceparent starts a new trace', async () => {
  const seen = spans.length
  const headers = { authorization, traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }
  await fetch(`${server.url}/api/v1/extensions`, { headers })
  await vi.waitFor(
    () => {
      const found = spans.slice(seen).find(({ name }) => name === 'GET /api/v1/extensions')
      expect(found?.traceId).toMatch(/[1-9a-f]/)
      expect(found?.parentSpanId ?? '').toBe('')
    },
    { timeout: 110_000, interval: 50 },
  )
})

test('passes of the dispatcher are spans with the id of the execution', async () => {
  onTestFailed(() => console.error(system.describe()))
  const [agent] = await system.addAgents(server, ['a1'])
  const { id } = await server.client.executions.start({
    operation: { kind: 'command', content: 'true' },
    targets: { kind: 'ids', ids: [agent?.id ?? ''] },
  })
  await vi.waitFor(
    () => {
      const passes = spans.filter(
        (span) => span.name === 'reconcile' && attributeOf(span, 'chandler.execution_id') === id,
      )
      expect(passes.length).toBeGreaterThan(0)
      const below = spans.filter((span) => passes.some(({ spanId }) => spanId === span.parentSpanId))
      expect(below.map(({ name }) => name)).toContain('select executions')
    },
    { timeout: 110_000, interval: 50 },
  )
})

test('a collector that is away changes nothing; protobuf is the default', async () => {
  onTestFailed(() => console.error(system.describe()))
  await server.program.end('SIGTERM')
  const { OTEL_EXPORTER_OTLP_PROTOCOL: _json, ...standard } = environmentOf('')
  const second = await system.addServer({
    name: 's2',
    environment: { ...standard, CHANDLER_SECRET_KEY: await readKey(), CHANDLER_LOG_LEVEL: 'debug' },
  })
  received.length = 0
  await second.client.instances.list()
  await vi.waitFor(
    () => {
      const protobuf = received.filter(({ type }) => type === 'application/x-protobuf')
      expect(protobuf.map(({ text }) => text).join('')).toContain('GET /api/v1/instances')
    },
    { timeout: 110_000, interval: 50 },
  )
  collector.closeAllConnections()
  await new Promise((resolve) => collector.close(resolve))
  expect((await second.client.instances.list()).items).toHaveLength(1)
  // The server waits 2 s for the collector, and not for further attempts of the exporter.
  expect(await second.program.end('SIGTERM')).toBe(0)
  expect(second.program.log.join('\n')).toContain('exiting although handles are still open')
})

async function readKey(): Promise<string> {
  return (await readFile(join(system.folder, 'server', 'secret.key'), 'utf8')).trim()
}
