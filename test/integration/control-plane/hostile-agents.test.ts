import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServerId } from '../../../src/core/id.ts'
import { createGateway, type Gateway } from '../../../src/server/gateway/gateway.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeFacts } from '../../make-instance.ts'
import { type AgentKey, type AgentSocket, makeAgentKey, openAgentSocket, sayHello } from './agent-socket.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const serverId = 'server-test' as ServerId

let plane: ControlPlane
let http: Server
let gateway: Gateway
let url: string
beforeEach(async () => {
  plane = await startControlPlane()
  await updateHeartbeat(plane.db.database, serverId, 'host')
  gateway = createGateway(plane.context, serverId)
  http = createServer().listen(0, '127.0.0.1')
  gateway.attach(http)
  await once(http, 'listening')
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
})
afterEach(async () => {
  await gateway.close()
  http.close()
  await plane.stop()
})

async function enrol(count: number): Promise<AgentKey[]> {
  const ids = await plane.enrol(count)
  return Promise.all(
    ids.map(async (instanceId) => {
      const { privateKey, rawPublicKey } = makeAgentKey()
      await plane.db.pool.query('update instances set public_key = $1 where id = $2', [rawPublicKey, instanceId])
      return { instanceId, privateKey }
    }),
  )
}

async function join(key: AgentKey): Promise<AgentSocket> {
  const agent = await openAgentSocket(url)
  await sayHello(agent, key)
  await agent.next('welcome')
  return agent
}

const outcome = { state: 'failed', reasonCode: 'ScriptFailed', reason: 'no' }
const sizes = { stdoutBytes: 0, stderrBytes: 0, cutBytes: 0 }
const makeReport = (entry: object, id = 1) => ({
  type: 'report',
  id,
  entries: [{ invocationId: 'inv-0000000000000000-1-1', at: 0, ...entry }],
})

describe('input that cannot be stored is refused before it reaches the database', () => {
  const installed = { status: 'installed', version: 1, configurationId: 'c1', parametersDigest: 'a'.repeat(64) }
  test.each([
    ['an exit code of 2^40', { kind: 'end', ...sizes, outcome: { ...outcome, exitCode: 2 ** 40 } }],
    ['version 2^40', { kind: 'end', ...sizes, outcome: { ...outcome, installed: { ...installed, version: 2 ** 40 } } }],
    ['a size of 2^60', { kind: 'end', ...sizes, stdoutBytes: 2 ** 60, outcome }],
    [
      'a script range the wrong way round',
      { kind: 'end', ...sizes, outcome, scriptRange: { stdout: [9, 1], stderr: [0, 0] } },
    ],
    ['an offset of 2^60', { kind: 'output', stream: 'stdout', offset: 2 ** 60, data: 'eA==' }],
    ['an instant that no calendar has', { kind: 'output', stream: 'stdout', offset: 0, data: 'eA==', at: 2 ** 53 - 1 }],
    ['the year 10000', { kind: 'state', state: 'running', at: Date.UTC(10_000, 0) }],
    ['a NUL character', { kind: 'end', ...sizes, outcome: { ...outcome, reason: 'a\0b' } }],
    ['data that is no base64', { kind: 'output', stream: 'stdout', offset: 0, data: '*' }],
  ])('%s', async (_, entry) => {
    const [key] = await enrol(1)
    const agent = await join(key!)
    agent.say(makeReport(entry))
    expect(await agent.next('refused')).toMatchObject({ code: 'MessageInvalid' })
  })

  test.each([
    ['rubbish', 'rubbish'],
    ['deeply nested JSON', '['.repeat(500_000)],
    ['a report before the hello', makeReport({ kind: 'state', state: 'running' })],
  ])('%s closes the connection, and no other', async (_, message) => {
    const [key] = await enrol(1)
    const honest = await join(key!)
    const hostile = await openAgentSocket(url)
    hostile.say(message)
    await hostile.closed
    honest.say({ type: 'fetch' })
    expect(await honest.next('invocations')).toMatchObject({ invocations: [] })
  })

  test('a message beyond the limit closes the connection, and no other', async () => {
    const [key] = await enrol(1)
    const honest = await join(key!)
    const hostile = await openAgentSocket(url)
    hostile.say('x'.repeat(1024 * 1024 + 1))
    await hostile.closed
    honest.say({ type: 'fetch' })
    expect(await honest.next('invocations')).toMatchObject({ invocations: [] })
  })
})

test('a lone surrogate in facts does not prevent a welcome', async () => {
  const keys = await enrol(3)
  const agents = await Promise.all(keys.map(() => openAgentSocket(url)))
  const facts = { ...makeFacts(), hostName: 'half \ud800 of it' }
  await Promise.all(agents.map((agent, index) => sayHello(agent, keys[index]!, index === 1 ? { facts } : {})))
  const welcomes = await Promise.all(agents.map((agent) => agent.next('welcome')))
  expect(welcomes).toHaveLength(3)
})

test('an agent that requests a URL and disconnects before the answer harms no other', async () => {
  for (let i = 0; i < 20; i++) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    const upgrade = 'GET /elsewhere HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
    socket.write(upgrade, () => socket.resetAndDestroy())
    await once(socket, 'close')
  }
  const [key] = await enrol(1)
  expect((await join(key!)).socket.readyState).toBe(1)
})

test('after a refusal no more messages of a connection are processed', async () => {
  const [key] = await enrol(1)
  const agent = await join(key!)
  agent.say('rubbish')
  agent.say({ type: 'facts', facts: { ...makeFacts(), hostName: 'too late' } })
  await agent.closed
  await gateway.close()
  const { rows } = await plane.db.pool.query("select facts ->> 'hostName' as name from instances")
  expect(rows[0].name).toBe(makeFacts().hostName)
})

test('an agent that does not answer a close does not prevent the server from stopping', async () => {
  const [key] = await enrol(1)
  const agent = await join(key!)
  agent.socket.pause()
  const closed = once(http, 'close')
  http.close()
  await gateway.close()
  await closed
  expect(http.listening).toBe(false)
  agent.socket.terminate()
})

test('a stopping server does not wait for agents that keep sending', async () => {
  const [key] = await enrol(1)
  const agent = await join(key!)
  let id = 0
  const babble = () => agent.say(makeReport({ kind: 'state', state: 'running' }, ++id))
  // As many as may be pending, and one more for each that is acknowledged: the server always has
  // some to handle.
  for (let i = 0; i < 8; i++) babble()
  agent.socket.on('message', (data) => {
    if (JSON.parse((data as Buffer).toString('utf8')).type === 'ack') babble()
  })
  await agent.next('ack')
  await gateway.close()
  await agent.closed
  expect(agent.socket.readyState).toBe(3)
})

test('a late disconnect record does not mark a reconnected instance as offline', async () => {
  const [slow, quick] = (await enrol(2)) as [AgentKey, AgentKey]
  const agents = [await join(slow), await join(quick)]
  const holder = await plane.db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select from instances where id = $1 for update', [slow.instanceId])
    for (const agent of agents) {
      agent.socket.close()
      await agent.closed
    }
    const back = await openAgentSocket(url)
    await sayHello(back, quick)
    back.socket.ping()
    await once(back.socket, 'pong')
    await holder.query('commit')
    await back.next('welcome')
  } finally {
    holder.release()
  }
  const connectedTo = async ({ instanceId }: AgentKey) =>
    (await plane.db.pool.query('select connected_to from instances where id = $1', [instanceId])).rows[0].connected_to
  await expect.poll(() => connectedTo(slow)).toBe(null)
  expect(await connectedTo(quick)).toBe(serverId)
})
