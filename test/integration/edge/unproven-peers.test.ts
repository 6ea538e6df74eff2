/** Unauthenticated peers that send slowly do not block other peers. */
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ServerId } from '../../../src/core/id.ts'
import {
  helloTimeoutMs,
  maxHelloBytes,
  maxUnprovenAgentsPerAddress,
  requestHeadTimeoutMs,
  requestTimeoutMs,
  unprovenGraceMs,
  unprovenRequestTimeoutMs,
  uploadRateWindowMs,
} from '../../../src/core/limits.ts'
import { createManualClock, type ManualClock } from '../../../src/lib/manual-clock.ts'
import { agentPaths } from '../../../src/protocol/agent-protocol.ts'
import { createGateway, type Gateway } from '../../../src/server/gateway/gateway.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeAgentKey, openAgentSocket, sayHello } from '../control-plane/agent-socket.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { admin, basic, startTestApi, type TestApi } from '../registry/test-api.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane.stop())

/** A connection, and all answers on it so far. */
function open(url: string, text: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const peer = { socket, received: '', closed: once(socket, 'close') }
  socket.setEncoding('latin1').on('data', (piece) => {
    peer.received += piece
  })
  socket.on('error', () => {
    // A connection that the server closes may end with these errors.
  })
  socket.write(text)
  return peer
}

describe('a slow body', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startTestApi(plane.db.database, createManualClock(Date.now()))
  })
  afterEach(() => api.close())

  const post = (path: string, headers: string, body: string) =>
    open(api.url, `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: 3000000\r\n\r\n${body}`)
  const json = 'content-type: application/json\r\n'
  const authorization = `authorization: ${basic(admin)}\r\n`
  const waitsUntil = (afterMs: number) =>
    expect.poll(() => api.clock.dueAt().map((at) => at - api.clock.now()), { timeout: 110_000 }).toContain(afterMs)

  test.each([
    ['of anyone', agentPaths.enrol, '', unprovenRequestTimeoutMs, '{"a":', 50_000],
    ['of somebody with credentials', '/api/v1/executions', authorization, requestTimeoutMs, '{"a":', 1_000_000],
  ])('%s is read no longer than its timeout', async (_, path, credentials, limitMs, body, lengthBytes) => {
    const peer = open(
      api.url,
      `POST ${path} HTTP/1.1\r\nhost: x\r\n${json}${credentials}content-length: ${lengthBytes}\r\n\r\n${body}`,
    )
    await waitsUntil(limitMs)
    await api.clock.advance(limitMs - 1)
    expect(peer.received).toBe('')
    await api.clock.advance(1)
    await expect.poll(() => peer.received, { timeout: 110_000 }).toMatch(/^HTTP\/1.1 408 .*"code":"RequestTimedOut"/s)
    await api.clock.advance(5_000)
    await peer.closed
  })

  const putHead = `PUT /api/v1/artifacts HTTP/1.1\r\nhost: x\r\n${authorization}content-type: application/octet-stream\r\ncontent-length: 3000000\r\n\r\n`
  const piece = 'x'.repeat(100_000)

  test('an upload is read as long as it keeps a minimum rate', async () => {
    const upload = open(api.url, putHead)
    for (let window = 0; window < 4; window++) {
      await waitsUntil(uploadRateWindowMs)
      upload.socket.write(piece)
      // Sent bytes may be unread: the clock moves when the server has all of them.
      const sentBytes = putHead.length + (window + 1) * piece.length
      await expect.poll(() => api.bytesReadFrom(upload.socket.localPort), { timeout: 110_000 }).toBe(sentBytes)
      await api.clock.advance(uploadRateWindowMs)
    }
    expect(upload.received).toBe('')
    const afterNextWindow = async () => {
      await api.clock.advance(uploadRateWindowMs)
      return upload.received
    }
    await expect.poll(afterNextWindow, { timeout: 110_000 }).toContain('408')
    upload.socket.destroy()
  })

  test('an upload that a busy server has not read yet is not late', async () => {
    const upload = open(api.url, putHead)
    for (let window = 0; window < 4; window++) {
      await waitsUntil(uploadRateWindowMs)
      // Continues in the phase where this process reads its sockets: it reads none of them again
      // before the clock has moved.
      await stat('.')
      upload.socket.write(piece)
      await api.clock.advance(uploadRateWindowMs)
      const sentBytes = putHead.length + (window + 1) * piece.length
      await expect.poll(() => api.bytesReadFrom(upload.socket.localPort), { timeout: 110_000 }).toBe(sentBytes)
    }
    expect(upload.received).toBe('')
    upload.socket.destroy()
  })

  test('an idle connection without a request is closed', async () => {
    const peer = open(api.url, '')
    await once(peer.socket, 'connect')
    await waitsUntil(requestHeadTimeoutMs)
    await api.clock.advance(requestHeadTimeoutMs)
    await peer.closed
    expect(peer.received).toBe('')
  })

  test('a request to an unknown path is answered at once', async () => {
    const peer = post('/nowhere', json, '{')
    await expect.poll(() => peer.received, { timeout: 110_000 }).toContain('404')
    await api.clock.advance(5_000)
    await peer.closed
  })
})

describe('agents', () => {
  const serverId = 'server-edge' as ServerId
  let clock: ManualClock
  let gateway: Gateway
  let http: Server
  let url: string
  beforeEach(async () => {
    await updateHeartbeat(plane.db.database, serverId, 'host')
    clock = createManualClock(Date.now())
    gateway = createGateway({ ...plane.context, clock }, serverId)
    http = createServer().listen(0, '127.0.0.1')
    gateway.attach(http)
    await once(http, 'listening')
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    const closed = gateway.close()
    await clock.advance(60_000)
    await closed
    http.close()
  })

  async function join() {
    const [instanceId] = await plane.enrol(1)
    const { privateKey, rawPublicKey } = makeAgentKey()
    await plane.db.pool.query('update instances set public_key = $1 where id = $2', [rawPublicKey, instanceId])
    const agent = await openAgentSocket(url)
    await sayHello(agent, { instanceId: instanceId as never, privateKey })
    await agent.next('welcome')
    return agent
  }

  test('a silent one is disconnected after ten seconds; one that has joined is not', async () => {
    const honest = await join()
    const silent = await openAgentSocket(url)
    await clock.advance(helloTimeoutMs - 1)
    expect(silent.socket.readyState).toBe(silent.socket.OPEN)
    await clock.advance(1)
    await silent.closed
    expect(honest.socket.readyState).toBe(honest.socket.OPEN)
  })

  test('from an unauthenticated peer, at most the size of a hello is read', async () => {
    const agent = await openAgentSocket(url)
    await agent.next('challenge')
    agent.say({ type: 'hello', open: ['x'.repeat(maxHelloBytes)] })
    expect(await agent.next('refused')).toMatchObject({ code: 'MessageInvalid' })
    await agent.closed
  })

  test('silent ones from one address delay an honest one from there only for a moment', {
    timeout: 110_000,
  }, async () => {
    const upgrade = `GET ${agentPaths.connect} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`
    const sockets: Socket[] = []
    const knock = async () => {
      const peer = open(url, upgrade)
      sockets.push(peer.socket)
      await Promise.race([once(peer.socket, 'data'), peer.closed])
      return peer.received.slice(9, 12)
    }
    try {
      const first = await Promise.all(Array.from({ length: maxUnprovenAgentsPerAddress }, knock))
      expect(new Set(first)).toEqual(new Set(['101']))
      expect(await knock()).toBe('503')
      await clock.advance(unprovenGraceMs)
      const honest = await join()
      expect(honest.received.some(({ type }) => type === 'welcome')).toBe(true)
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })
})
