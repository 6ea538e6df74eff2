import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chandlerError } from '../../../core/error/errors.ts'
import { createManualClock, type ManualClock } from '../../../lib/manual-clock.ts'
import { type EventStream, openEventStream } from './event-stream.ts'

let api: FastifyInstance
let opened: PromiseWithResolvers<EventStream>
const stopping = new AbortController()
let ended: AbortController
let releases = 0
let clock: ManualClock
/** Throws if the peer has lost its access. */
let check: () => void
/** The step that the route awaits before it opens its stream. */
let mayOpen: (closed: Promise<unknown>) => Promise<unknown>

beforeEach(async () => {
  ended = new AbortController()
  releases = 0
  opened = Promise.withResolvers()
  clock = createManualClock(0)
  check = () => undefined
  mayOpen = async () => undefined
  api = Fastify()
  api.decorateRequest('watchAccess', () => ({ signal: ended.signal, done: () => void releases++ }))
  api.decorateRequest('authenticateAgain', async () => ({}) as never)
  api.get('/', async (request, reply) => {
    await mayOpen(once(reply.raw, 'close'))
    opened.resolve(openEventStream(request, reply, { clock, stopping: stopping.signal }, async () => check()))
    return reply
  })
  await api.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(() => api.close())

async function ask() {
  const socket = connect((api.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  return socket
}

test('a peer that disconnected before the stream was opened is detected', async () => {
  const asked = Promise.withResolvers<void>()
  mayOpen = (closed) => {
    asked.resolve()
    return closed
  }
  const socket = await ask()
  await asked.promise
  socket.destroy()
  const stream = await opened.promise
  expect(stream.signal.aborted).toBe(true)
  expect(releases).toBe(1)
  stream.end()
})

test('a stream ends when its session has ended', async () => {
  const socket = await ask()
  // The end of unread data is not emitted.
  socket.resume()
  const stream = await opened.promise
  expect(stream.signal.aborted).toBe(false)
  ended.abort()
  expect(stream.signal.aborted).toBe(true)
  stream.end()
  await once(socket, 'close')
  expect(releases).toBe(1)
})

test('sending waits for a peer that does not read, until it disconnects', async () => {
  const socket = await ask()
  socket.pause()
  const stream = await opened.promise
  let sentAll = false
  const sending = (async () => {
    for (let i = 0; i < 100; i++) await stream.send('padding', 'x'.repeat(1024 * 1024))
    sentAll = true
  })()
  socket.destroy()
  await sending
  expect(stream.signal.aborted).toBe(true)
  expect(sentAll).toBe(true)
  stream.end()
})

test('a sent event has a name, an id and data', async () => {
  const socket = await ask()
  const stream = await opened.promise
  await stream.send('task', { a: 'line\nbreak' }, '7-1')
  stream.end()
  let text = ''
  for await (const part of socket) text += String(part)
  expect(text).toContain('id: 7-1\nevent: task\ndata: {"a":"line\\nbreak"}\n\n')
})

test('a quiet stream sends keep-alives until its peer has lost its access', async () => {
  const socket = await ask()
  const stream = await opened.promise
  await clock.advance(15_000)
  await clock.advance(15_000)
  check = () => {
    throw chandlerError('SessionEnded', {})
  }
  const over = once(stream.signal, 'abort')
  await clock.advance(15_000)
  await over
  stream.end()
  let text = ''
  for await (const part of socket) text += String(part)
  expect(text.match(/: alive/g)).toHaveLength(2)
})

test('topics that share a stream wait for its reader together', async () => {
  const socket = await ask()
  socket.pause()
  const stream = await opened.promise
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const sent = Array.from({ length: 64 }, async (_, topic) => {
    for (let i = 0; i < 20; i++) await stream.send('padding', 'x'.repeat(64 * 1024), String(topic))
  })
  socket.resume()
  await Promise.all(sent)
  stream.end()
  await once(socket, 'close')
  process.off('warning', note)
  expect(warnings).toEqual([])
})
