import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { makeFacts } from '../../../test/make-instance.ts'
import type { Invocation } from '../../core/execution/invocation.ts'
import { agentHeartbeatMs } from '../../core/limits.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { AgentConnection, type ConnectionServices } from './agent-connection.ts'

const hello = {
  type: 'hello',
  protocolVersion: 1,
  instanceId: 'i-0000000000000000',
  signature: Buffer.alloc(64).toString('base64'),
  facts: makeFacts(),
  open: [],
}

let sockets: WebSocketServer
let agent: WebSocket
let connection: AgentConnection
const clock = createManualClock(0)

/** Opens a connection over a real socket with the services of the test. */
async function open(services: Partial<ConnectionServices>): Promise<void> {
  const arrived = once(sockets, 'connection')
  agent = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`)
  const [socket] = (await arrived) as [WebSocket]
  connection = new AgentConnection(socket, {
    connect: async () => ({ welcome: true, renewKeyInMs: 1 }),
    joined: () => undefined,
    left: () => undefined,
    handOut: async () => ({ invocations: [], cancelled: [] }),
    report: async () => undefined,
    reconcile: async () => ({ cancelled: [], over: [], wanted: [], settled: [] }),
    renewWaiting: async () => undefined,
    artifactUrl: async () => ({ refused: '' }),
    isFull: () => false,
    facts: async () => undefined,
    drift: async () => undefined,
    renewKey: async () => ({ isRenewed: true, renewKeyInMs: 1 }),
    suggestRetryMs: () => 750,
    clock,
    log: silentLogger,
    ...services,
  })
  if (agent.readyState !== agent.OPEN) await once(agent, 'open')
}

const say = (message: unknown) => agent.send(JSON.stringify(message))

async function received(type: string): Promise<void> {
  for (;;) {
    const [data] = await once(agent, 'message')
    if (JSON.parse(String(data)).type === type) return
  }
}

/** Resolves when the other end has received everything sent so far. */
async function settled(): Promise<void> {
  agent.ping()
  await once(agent, 'pong')
}

beforeEach(async () => {
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
})
afterEach(() => {
  agent.terminate()
  sockets.close()
})

test('a flood of facts is stored one at a time, and the last of them is stored', async () => {
  const noted: number[] = []
  const first = Promise.withResolvers<void>()
  const last = Promise.withResolvers<void>()
  await open({
    facts: async (_, { cpus }) => {
      noted.push(cpus)
      if (cpus === 1) await first.promise
      if (cpus === 500) last.resolve()
    },
  })
  say(hello)
  await received('welcome')
  for (let cpus = 1; cpus <= 500; cpus++) say({ type: 'facts', facts: makeFacts({ cpus }) })
  await settled()
  first.resolve()
  await last.promise
  expect(noted).toEqual([1, 500])
})

test('an agent that fetches and does not read is handed out no more than it reads', async () => {
  let handedOut = 0
  const work = { id: 'inv', padding: 'x'.repeat(1024 * 1024) } as unknown as Invocation
  await open({
    handOut: async () => {
      handedOut += 1
      return { invocations: [work], cancelled: [] }
    },
  })
  say(hello)
  await received('welcome')
  agent.pause()
  for (let i = 0; i < 300; i++) {
    say({ type: 'fetch' })
    connection.nudge()
    await new Promise((resolve) => setImmediate(resolve))
  }
  // The socket buffers take some, and one more waits for space in them.
  expect(handedOut).toBeLessThan(20)
  agent.resume()
  await settled()
})

test('an agent that is alive but sends no hello loses its place', async () => {
  await open({})
  const closed = once(agent, 'close')
  await settled()
  await clock.advance(3 * agentHeartbeatMs + 1)
  await settled()
  connection.checkSilence()
  await closed
  expect(agent.readyState).toBe(agent.CLOSED)
})

test('a silent agent is disconnected, also when the clock was set back meanwhile', async () => {
  await open({})
  say(hello)
  await received('welcome')
  const closed = once(agent, 'close')
  clock.setWallClock(-3_600_000)
  await clock.advance(3 * agentHeartbeatMs + 1)
  connection.checkSilence()
  await closed
  expect(agent.readyState).toBe(agent.CLOSED)
})

test('an agent that has joined stays connected while it is alive', async () => {
  await open({})
  say(hello)
  await received('welcome')
  await clock.advance(3 * agentHeartbeatMs + 1)
  await settled()
  connection.checkSilence()
  await settled()
  expect(agent.readyState).toBe(agent.OPEN)
})

test('a temporary failure is answered with a retry delay', async () => {
  await open({ connect: () => Promise.reject(new Error('no database')) })
  const answers: unknown[] = []
  agent.on('message', (data) => answers.push(JSON.parse((data as Buffer).toString('utf8'))))
  say(hello)
  await once(agent, 'close')
  expect(answers.at(-1)).toMatchObject({ type: 'refused', code: 'ServerBusy', retry: true, retryInMs: 750 })
})
