import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConnectionToServer } from '../../../src/agent/connection/connection.ts'
import type { WireFacts } from '../../../src/agent/facts/fit-facts.ts'
import { createLogger } from '../../../src/lib/logger.ts'
import { createManualClock, type ManualClock } from '../../../src/lib/manual-clock.ts'
import type { ReportEntry } from '../../../src/protocol/agent-messages.ts'
import { helloProof } from '../../../src/protocol/agent-protocol.ts'
import { makeScriptedWorker } from '../scripted-worker.ts'
import { type AgentPeer, makeAgentPeer, makeInvocation } from './agent-peer.ts'

const instanceId = 'i-0123456789abcdef'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const heartbeatMs = 30_000
const fingerprint = { machineId: 'f'.repeat(64) }

const facts: WireFacts = {
  os: { family: 'linux', id: 'debian', version: '12', name: 'Debian', kernel: '6', arch: 'x86_64' },
  hostName: 'h',
  addresses: [],
  cpus: 1,
  memoryBytes: 1,
  diskFreeBytes: 1,
  virtualization: '',
  agentVersion: '0',
}

const ordinalsOf = (entries: ReportEntry[]) => entries.map((entry) => Number(entry.invocationId.split('-')[2]))

let peer: AgentPeer
let clock: ManualClock
let logged: string[]
let connection: ConnectionToServer
let it: ReturnType<typeof makeScriptedWorker>

function connectTo(server: string, random = () => 0) {
  connection = new ConnectionToServer({
    server,
    instanceId,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    run: 'ab'.repeat(16),
    fingerprint,
    facts: () => facts,
    worker: it.worker,
    clock,
    random,
    log: createLogger({ level: 'debug', format: 'text', write: (line) => logged.push(line), now: () => 0 }),
  })
  connection.start()
}

/** The agent has noticed that its link closed and waits for its next attempt. */
const backingOff = () => expect.poll(() => connection.state, { interval: 2, timeout: 110_000 }).toBe('waiting')

/**
 * Advances the clock second by second until the agent drops its link; returns how long that took.
 */
async function untilOffline(eachSecond: () => Promise<unknown>): Promise<number> {
  const startedAt = clock.now()
  while (connection.state === 'online') {
    await clock.advance(1_000)
    if (connection.state === 'online') await eachSecond()
    if (clock.now() - startedAt > 20 * heartbeatMs) throw new Error('it stays online')
  }
  return clock.now() - startedAt
}

beforeEach(async () => {
  peer = await makeAgentPeer()
  clock = createManualClock(Date.now())
  logged = []
  it = makeScriptedWorker()
})
afterEach(async () => {
  const ended = connection.stop(0)
  await clock.advance(0)
  await ended
  await peer.close()
})

describe('hello', () => {
  test('machine and process are sent to a server that knows the fields, and not to an older one', async () => {
    connectTo(peer.url)
    const first = await peer.accept()
    first.send({ type: 'challenge', nonce: 'n', version: 3 })
    expect(await first.next('hello')).toMatchObject({ fingerprint, run: 'ab'.repeat(16) })
    first.socket.terminate()
    await backingOff()
    await clock.advance(1_000)
    const second = await peer.accept()
    second.send({ type: 'challenge', nonce: 'n' })
    const hello = await second.next('hello')
    expect([hello.fingerprint, hello.run]).toEqual([undefined, undefined])
  })

  test('hello proves the key over the nonce and lists the invocations in the journal; a fetch follows the welcome', async () => {
    it.state.open = [{ id: 'inv-abc-7-1', state: 'running' }]
    connectTo(peer.url)
    const server = await peer.accept()
    server.send({ type: 'challenge', nonce: 'n-1' })
    const hello = await server.next('hello')
    expect(hello).toMatchObject({ protocolVersion: 2, instanceId, facts, open: ['inv-abc-7-1'] })
    const proof = Buffer.from(helloProof(instanceId, 'n-1'))
    expect(verify(null, proof, publicKey, Buffer.from(hello.signature, 'base64'))).toBe(true)
    server.send({ type: 'welcome', serverTime: clock.now(), heartbeatMs })
    await server.next('fetch')
    expect(connection.state).toBe('online')
  })

  test('a base path of the server is kept', async () => {
    connectTo(`${peer.url}/base/`)
    await backingOff()
    expect(logged.join('')).toContain('400')
  })

  test.each(['InstanceUnknown', 'SignatureWrong'])(
    '%s: it retries slowly, with the way out in the log',
    async (code) => {
      connectTo(peer.url)
      let longest = 0
      for (let attempt = 0; attempt < 8; attempt++) {
        const server = await peer.accept()
        server.send({ type: 'refused', code, message: 'not known here', retry: false })
        await backingOff()
        const [dueMs = 0] = clock.dueAt()
        const delayMs = dueMs - clock.now()
        expect(delayMs).toBeGreaterThanOrEqual(60_000)
        longest = Math.max(longest, delayMs)
        await clock.advance(delayMs)
      }
      expect(longest).toBeGreaterThanOrEqual(1_800_000)
      expect(longest).toBeLessThanOrEqual(3_600_000)
      expect(logged.join('')).toContain(`does not accept the identity of this instance: not known here (${code})`)
      // Nothing has to be started by hand when the server knows the instance again.
      await peer.welcome()
    },
  )

  test('removed at the server: the agent ends with the reason, without another attempt', async () => {
    connectTo(peer.url)
    const server = await peer.accept()
    server.send({ type: 'refused', code: 'InstanceRemoved', message: 'this instance was removed', retry: false })
    expect(await connection.ended).toEqual({
      kind: 'refused',
      code: 'InstanceRemoved',
      message: 'this instance was removed',
    })
    expect(clock.dueAt()).toEqual([])
  })

  test('refused temporarily: it retries', async () => {
    connectTo(peer.url)
    const first = await peer.accept()
    first.send({ type: 'refused', code: 'Busy', message: 'full', retry: true })
    await backingOff()
    expect(logged.join('')).toContain('full (Busy)')
    await clock.advance(1_000)
    await peer.welcome()
  })

  test('a server that never sends a challenge is disconnected and retried', async () => {
    connectTo(peer.url)
    await peer.accept()
    await expect.poll(() => connection.state).toBe('greeting')
    await clock.advance(30_000)
    await backingOff()
    expect(logged.join('')).toContain('did not welcome')
  })

  test('a wrong clock is logged once per welcome', async () => {
    connectTo(peer.url)
    const server = await peer.accept()
    server.send({ type: 'challenge', nonce: 'n' })
    await server.next('hello')
    server.send({ type: 'welcome', serverTime: clock.now() - 3_600_000, heartbeatMs })
    await server.next('fetch')
    await expect.poll(() => logged.join('')).toContain('3600 s ahead of the server')
  })
})

describe('work', () => {
  test('a nudge causes a fetch; nudges during a pending one cause one more', async () => {
    connectTo(peer.url)
    const server = await peer.welcome()
    for (let i = 0; i < 5; i++) server.send({ type: 'nudge' })
    await server.settled()
    expect(server.received.filter(({ type }) => type === 'fetch')).toHaveLength(1)
    server.send({ type: 'invocations', invocations: [] })
    await server.next('fetch')
    server.send({ type: 'invocations', invocations: [] })
    await server.settled()
    expect(server.received.filter(({ type }) => type === 'fetch')).toHaveLength(2)
    server.send({ type: 'nudge' })
    await server.next('fetch')
  })

  test('invocations and cancels reach the worker; one that cannot be journalled does not stop the others', async () => {
    connectTo(peer.url)
    const server = await peer.welcome()
    it.state.offerFails = true
    server.send({ type: 'invocations', invocations: [makeInvocation(1)] })
    await server.settled()
    it.state.offerFails = false
    server.send({ type: 'invocations', invocations: [makeInvocation(2), makeInvocation(3)] })
    server.send({ type: 'cancel', invocationIds: ['inv-abc-2-1'] })
    await server.settled()
    expect(it.offered).toEqual([makeInvocation(2), makeInvocation(3)])
    expect(it.cancelled).toEqual(['inv-abc-2-1'])
    expect(logged.join('')).toMatch(/cannot take invocation inv-abc-1-1.*the disk is full/)
  })

  test('every tenth heartbeat fetches, also when an answer was lost', async () => {
    connectTo(peer.url)
    const server = await peer.welcome(heartbeatMs)
    const fetches = () => server.received.filter(({ type }) => type === 'fetch').length
    const beats = async (count: number) => {
      for (let beat = 0; beat < count; beat++) {
        await clock.advance(heartbeatMs)
        await server.settled()
      }
    }
    // The answer to the first request never comes. A heartbeat comes after three quarters of its
    // interval at the earliest: there were seven to nine.
    await beats(7)
    expect(fetches()).toBe(1)
    await beats(3)
    expect(fetches()).toBe(2)
    server.send({ type: 'invocations', invocations: [] })
    await server.settled()
    await beats(10)
    expect(fetches()).toBe(3)
  })

  test('changed facts are sent when online', async () => {
    connectTo(peer.url)
    connection.sendFacts(facts)
    const server = await peer.welcome()
    connection.sendFacts({ ...facts, cpus: 2 })
    expect((await server.next('facts')).facts.cpus).toBe(2)
    expect(server.received.filter(({ type }) => type === 'facts')).toHaveLength(1)
  })
})

describe('reports', () => {
  test('reports of one turn share a message, numbered from 1', async () => {
    connectTo(peer.url)
    const server = await peer.welcome()
    it.report(1, 2)
    // Still the same turn: a step of the worker that did not wait for I/O.
    await Promise.resolve()
    it.report(3)
    const first = await server.next('report')
    expect([first.id, ordinalsOf(first.entries)]).toEqual([1, [1, 2, 3]])
    it.report(4)
    const second = await server.next('report')
    expect([second.id, ordinalsOf(second.entries)]).toEqual([2, [4]])
    expect(it.delivered).toEqual([])
    server.send({ type: 'ack', upTo: 2 })
    await server.settled()
    expect(ordinalsOf(it.delivered)).toEqual([1, 2, 3, 4])
  })

  test('at most eight reports wait for an acknowledgement; an ack covers all before it and lets more go', async () => {
    connectTo(peer.url)
    const server = await peer.welcome()
    it.state.batchEntries = 1
    it.report(...Array.from({ length: 20 }, (_, index) => index + 1))
    for (let i = 0; i < 8; i++) await server.next('report')
    await server.settled()
    expect(server.received.filter(({ type }) => type === 'report')).toHaveLength(8)
    server.send({ type: 'ack', upTo: 5 })
    for (let i = 0; i < 5; i++) await server.next('report')
    expect(ordinalsOf(it.delivered)).toEqual([1, 2, 3, 4, 5])
    server.send({ type: 'ack', upTo: 3 })
    server.send({ type: 'ack', upTo: 13 })
    for (let i = 0; i < 7; i++) await server.next('report')
    server.send({ type: 'ack', upTo: 20 })
    await server.settled()
    expect(it.delivered).toHaveLength(20)
  })

  test('unacknowledged reports are sent again on the next connection, before newer ones', async () => {
    connectTo(peer.url)
    const first = await peer.welcome()
    it.report(1, 2)
    await first.next('report')
    first.socket.terminate()
    await backingOff()
    it.report(3)
    await clock.advance(1_000)
    const second = await peer.welcome()
    const report = await second.next('report')
    expect([report.id, ordinalsOf(report.entries)]).toEqual([1, [1, 2, 3]])
    expect(it.state.rewinds).toBe(1)
  })

  test('a server that answers pings and acknowledges nothing gets everything again on a new connection', async () => {
    connectTo(peer.url)
    const server = await peer.welcome(heartbeatMs)
    it.report(1)
    await server.next('report')
    const elapsedMs = await untilOffline(() => Promise.race([server.settled(), server.closed]))
    expect(elapsedMs).toBeGreaterThan(4 * heartbeatMs)
    expect(logged.join('')).toContain('does not acknowledge reports')
    await clock.advance(1_000)
    expect(ordinalsOf((await (await peer.welcome()).next('report')).entries)).toEqual([1])
  })
})

describe('losing the server', () => {
  test('an agent whose place another one takes reconnects slowly, although it was welcomed', async () => {
    connectTo(peer.url)
    for (let turn = 0; turn < 3; turn++) {
      const server = await peer.welcome(heartbeatMs)
      server.send({ type: 'refused', code: 'ConnectedElsewhere', message: 'again', retry: true })
      await backingOff()
      const delayMs = (clock.dueAt()[0] ?? 0) - clock.now()
      expect(delayMs).toBe(32_000)
      await clock.advance(delayMs)
    }
  })

  test.each([
    ['another refusal', { code: 'QuestionsTooMany' }, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000]],
    ['a busy server', { code: 'ServerBusy' }, [1_000, 2_000, 4_000, 5_000, 5_000, 5_000]],
    ['one that says when', { code: 'ServerBusy', retryInMs: 500 }, [500, 1_000, 2_000, 4_000, 5_000, 5_000]],
    ['one with many agents', { code: 'ServerBusy', retryInMs: 14_000 }, [14_000, 14_000, 14_000]],
  ])('consecutive refusals are retried more slowly: %s', async (_, refusal, expected) => {
    connectTo(peer.url)
    const delays: number[] = []
    while (delays.length < expected.length) {
      const server = await peer.welcome(heartbeatMs)
      server.send({ type: 'refused', message: 'not now', retry: true, ...refusal })
      await backingOff()
      delays.push((clock.dueAt()[0] ?? 0) - clock.now())
      await clock.advance(delays.at(-1) ?? 0)
    }
    expect(delays).toEqual(expected)
  })

  test('a busy server that never welcomes is retried within five seconds, half of which is random', async () => {
    connectTo(peer.url, () => 0.999_999)
    for (const delayMs of [250, 500, 1_000, 2_000, 2_500, 2_500]) {
      const server = await peer.accept()
      server.send({ type: 'refused', code: 'ServerBusy', message: 'busy', retry: true, retryInMs: 500 })
      await backingOff()
      expect((clock.dueAt()[0] ?? 0) - clock.now()).toBe(delayMs)
      await clock.advance(delayMs)
    }
  })

  test('a dead peer is detected within three heartbeats', async () => {
    connectTo(peer.url)
    const server = await peer.welcome(heartbeatMs)
    server.socket.pause()
    const elapsedMs = await untilOffline(async () => {})
    expect(elapsedMs).toBeGreaterThan(2 * heartbeatMs)
    expect(elapsedMs).toBeLessThanOrEqual(3 * heartbeatMs)
    expect(logged.join('')).toContain('no word from the server')
  })

  test('a dead peer is detected just as soon when the clock of the instance is set back', async () => {
    connectTo(peer.url)
    const server = await peer.welcome(heartbeatMs)
    server.socket.pause()
    clock.setWallClock(-24 * 3_600_000)
    expect(await untilOffline(async () => {})).toBeLessThanOrEqual(3 * heartbeatMs)
  })

  test('a peer that answers pings is kept', async () => {
    connectTo(peer.url)
    const server = await peer.welcome(heartbeatMs)
    for (let beat = 0; beat < 8; beat++) {
      await clock.advance(heartbeatMs)
      await server.settled()
    }
    expect(connection.state).toBe('online')
  })

  test('delays double up to a minute without a server, and are reset by a welcome', async () => {
    await peer.close()
    connectTo(peer.url)
    const delays: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      await backingOff()
      const [dueAt = 0] = clock.dueAt()
      delays.push(dueAt - clock.now())
      if (attempt < 7) await clock.advance(dueAt - clock.now())
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    await connection.stop(0)

    peer = await makeAgentPeer()
    connectTo(peer.url)
    for (let round = 0; round < 3; round++) {
      const server = await peer.welcome()
      server.socket.terminate()
      await backingOff()
      expect((clock.dueAt()[0] ?? 0) - clock.now()).toBe(1_000)
      await clock.advance(1_000)
    }
  })

  test('the whole delay is random', async () => {
    await peer.close()
    connectTo(peer.url, () => 0.75)
    await backingOff()
    expect((clock.dueAt()[0] ?? 0) - clock.now()).toBe(250)
  })

  const unreadable: [string, string | Buffer, RegExp][] = [
    ['not JSON', '{', /not JSON/],
    ['a binary frame', Buffer.from([1, 2, 3]), /binary frame/],
    ['an unknown message', '{"type":"reboot"}', /does not fit the protocol/],
    ['a field of the wrong type', '{"type":"ack","upTo":"1"}', /upTo/],
    ['an ack of what was never sent', '{"type":"ack","upTo":9}', /acknowledged report 9, but only 0 were sent/],
    ['a second challenge', '{"type":"challenge","nonce":"n"}', /sent challenge to an agent that is online/],
    ['a frame over the limit', `"${'x'.repeat(8 * 1024 * 1024)}"`, /[Mm]ax payload/],
  ]
  test.each(unreadable)('a server that sends %s is disconnected, and retried less eagerly', async (_, frame, why) => {
    connectTo(peer.url)
    const server = await peer.welcome()
    server.socket.send(frame)
    await server.closed
    await backingOff()
    expect(logged.join('')).toMatch(why)
    expect((clock.dueAt()[0] ?? 0) - clock.now()).toBe(32_000)
    await clock.advance(32_000)
    await peer.welcome()
  })

  test('an HTTP server that is not Chandler is reported with its answer', async () => {
    const other = createServer((_, response) => response.writeHead(404).end())
    other.on('upgrade', (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    connectTo(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
    await backingOff()
    expect(logged.join('')).toContain('404 Not Found to /agent/v1/connect')
    other.close()
  })
})

describe('stopping', () => {
  test('takes no more work, drains its reports, then disconnects', async () => {
    connectTo(peer.url)
    const server = await peer.welcome()
    it.report(1)
    await server.next('report')
    const ended = connection.stop(10_000)
    server.send({ type: 'invocations', invocations: [makeInvocation(1)] })
    server.send({ type: 'nudge' })
    it.report(2)
    await server.next('report')
    server.send({ type: 'ack', upTo: 2 })
    expect(await ended).toEqual({ kind: 'stopped', unsentReports: false })
    expect(await server.closed).toBe(1000)
    expect(it.offered).toEqual([])
    expect(server.received.filter(({ type }) => type === 'fetch')).toHaveLength(1)
  })

  test('a server that does not acknowledge is waited for up to the drain timeout', async () => {
    connectTo(peer.url)
    const server = await peer.welcome()
    it.report(1)
    await server.next('report')
    const ended = connection.stop(5_000)
    await clock.advance(5_000)
    expect(await ended).toEqual({ kind: 'stopped', unsentReports: true })
  })

  test('without a connection it ends at once, and leaves no timer', async () => {
    await peer.close()
    connectTo(peer.url)
    await backingOff()
    expect(await connection.stop(5_000)).toEqual({ kind: 'stopped', unsentReports: false })
    expect(clock.dueAt()).toEqual([])
  })
})
