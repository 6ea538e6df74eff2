import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runSimulation, type ScriptsOptions, type SimulationOptions } from '../../../src/agent/simulate/simulate.ts'
import { createLogger, silentLogger } from '../../../src/lib/logger.ts'
import type { ReportEntry } from '../../../src/protocol/agent-messages.ts'
import { helloProof } from '../../../src/protocol/agent-protocol.ts'
import { type AgentPeer, enrolledId, makeAgentPeer, makeInvocation, type PeerConnection } from './agent-peer.ts'

let peer: AgentPeer
let stop: AbortController
let printed: string[]
beforeEach(async () => {
  peer = await makeAgentPeer()
  stop = new AbortController()
  printed = []
})
afterEach(async () => {
  stop.abort()
  await peer.close()
})

const scripts = { kind: 'simulated', durationMs: { min: 0, max: 5 }, failureRate: 0, outputBytes: 100 } as const
const lasting = (ms: number): ScriptsOptions => ({ ...scripts, durationMs: { min: ms, max: ms } })

const simulate = (count: number, fields: Partial<SimulationOptions> = {}) =>
  runSimulation({
    server: peer.url,
    token: 'ct_token',
    count,
    scripts,
    connectRatePerSecond: 10_000,
    seed: 1,
    namePrefix: 'sim',
    tags: { env: 'test' },
    print: (line) => printed.push(line),
    log: silentLogger,
    signal: stop.signal,
    ...fields,
  })

/** Greets one more instance; returns its id and its signature. */
async function answerHello(connection: PeerConnection) {
  connection.send({ type: 'challenge', nonce: 'nonce' })
  const hello = await connection.next('hello')
  connection.send({ type: 'welcome', serverTime: Date.now(), heartbeatMs: 30_000 })
  await connection.next('fetch')
  return { connection, hello }
}

const answerHellos = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => answerHello(await peer.accept())))

/** Acknowledges reports until the end of an invocation has arrived. */
async function untilEnd(connection: PeerConnection): Promise<ReportEntry[]> {
  const entries: ReportEntry[] = []
  while (!entries.some(({ kind }) => kind === 'end')) {
    const report = await connection.next('report')
    entries.push(...report.entries)
    connection.send({ type: 'ack', upTo: report.id })
  }
  return entries
}

test('every instance enrols with its own key, says hello with it, and the line is printed when all are connected', async () => {
  const simulation = simulate(20)
  const instances = await answerHellos(20)
  await expect.poll(() => printed).toEqual(['20 simulated instances connected'])
  expect(peer.enrolments.map(({ name }) => name).sort()).toEqual(
    Array.from({ length: 20 }, (_, index) => `sim-${index + 1}`).sort(),
  )
  for (const { hello } of instances) {
    const enrolment = peer.enrolments[Number(hello.instanceId.slice(2))]
    expect(enrolment).toMatchObject({ tags: { env: 'test' }, facts: hello.facts })
    const x = Buffer.from(enrolment?.publicKey ?? '', 'base64').toString('base64url')
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
    const proof = Buffer.from(helloProof(hello.instanceId, 'nonce'))
    expect(verify(null, proof, key, Buffer.from(hello.signature, 'base64'))).toBe(true)
  }
  expect(new Set(instances.map(({ hello }) => hello.facts.os.id)).size).toBeGreaterThan(2)
  stop.abort()
  expect(await simulation).toBe(0)
  for (const { connection } of instances) expect(await connection.closed).toBe(1000)
})

test('invocations end as the simulation is configured, over the real protocol', async () => {
  const simulation = simulate(30, { scripts: { ...scripts, failureRate: 0.5, outputBytes: 1_000 } })
  const instances = await answerHellos(30)
  const ends = await Promise.all(
    instances.map(async ({ connection }, index) => {
      connection.send({ type: 'invocations', invocations: [makeInvocation(index + 1)] })
      const entries = await untilEnd(connection)
      const end = entries.at(-1)
      expect(entries.map(({ kind }) => kind)).toEqual(['state', 'state', 'output', 'end'])
      return end?.kind === 'end' ? end.outcome.state : undefined
    }),
  )
  expect(ends.filter((state) => state === 'failed').length).toBeGreaterThan(5)
  expect(ends.filter((state) => state === 'succeeded').length).toBeGreaterThan(5)
  stop.abort()
  await simulation
})

test('an instance whose connection is cut reconnects with its identity and reports the rest', async () => {
  const simulation = simulate(1, { scripts: lasting(0) })
  const { connection } = await answerHello(await peer.accept())
  connection.send({ type: 'invocations', invocations: [makeInvocation(1)] })
  await connection.next('report')
  connection.socket.terminate()
  const again = await answerHello(await peer.accept())
  expect(again.hello).toMatchObject({ instanceId: enrolledId(0), open: ['inv-abc-1-1'] })
  expect((await untilEnd(again.connection)).at(-1)?.kind).toBe('end')
  again.connection.send({ type: 'invocations', invocations: [makeInvocation(1)] })
  await again.connection.settled()
  expect(again.connection.received.filter(({ type }) => type === 'report')).toHaveLength(1)
  stop.abort()
  await simulation
})

test('a cancel ends a running script', async () => {
  const simulation = simulate(1, { scripts: lasting(3_600_000) })
  const { connection } = await answerHello(await peer.accept())
  connection.send({
    type: 'invocations',
    invocations: [makeInvocation(1, { wanted: withTimeout(7_200_000) })],
  })
  await connection.next('report')
  connection.send({ type: 'cancel', invocationIds: ['inv-abc-1-1'] })
  const [end] = await untilEnd(connection).then((entries) => entries.slice(-1))
  expect(end).toMatchObject({ kind: 'end', outcome: { state: 'cancelled' } })
  stop.abort()
  await simulation
})

function withTimeout(timeoutMs: number) {
  const { wanted } = makeInvocation(1)
  if (wanted === undefined) throw new Error('an install wants something')
  return { ...wanted, configuration: { ...wanted.configuration, run: { ...wanted.configuration.run, timeoutMs } } }
}

test('with real scripts every instance runs its own, in its own directory that is removed at the end', async () => {
  const parentDirectory = await mkdtemp(join(tmpdir(), 'chandler-test-'))
  try {
    const simulation = simulate(3, { scripts: { kind: 'real', parentDirectory } })
    const instances = await answerHellos(3)
    const printedBy = await Promise.all(
      instances.map(async ({ connection, hello }, index) => {
        connection.send({ type: 'invocations', invocations: [printingId(index + 1)] })
        const entries = await untilEnd(connection)
        expect(entries.at(-1)).toMatchObject({ kind: 'end', outcome: { state: 'succeeded', exitCode: 0 } })
        const output = entries.flatMap((entry) => (entry.kind === 'output' ? [Buffer.from(entry.data, 'base64')] : []))
        const [instanceId, workspace] = Buffer.concat(output).toString('utf8').trim().split('\n')
        expect(instanceId).toBe(hello.instanceId)
        return workspace
      }),
    )
    expect(new Set(printedBy).size).toBe(3)
    for (const workspace of printedBy) expect(workspace).toContain(parentDirectory)
    stop.abort()
    expect(await simulation).toBe(0)
    expect(await readdir(parentDirectory)).toEqual([])
  } finally {
    await rm(parentDirectory, { recursive: true })
  }
})

function printingId(ordinal: number) {
  const invocation = makeInvocation(ordinal)
  if (invocation.wanted === undefined) throw new Error('an install wants something')
  const install = '#!/bin/sh\necho "$CHANDLER_INSTANCE_ID"\npwd\n'
  const configuration = { ...invocation.wanted.configuration, scripts: { install } }
  return { ...invocation, wanted: { ...invocation.wanted, configuration } }
}

test('an instance that is refused permanently is reported and left out, the others stay', async () => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', format: 'text', write: (line) => lines.push(line), now: () => 0 })
  const simulation = simulate(3, { log })
  const [first] = await Promise.all([peer.accept(), answerHellos(2)])
  first.send({ type: 'refused', code: 'InstanceRemoved', message: 'it was removed', retry: false })
  await expect.poll(() => printed).toEqual(['2 simulated instances connected'])
  expect(lines.join('')).toContain('was refused: it was removed (InstanceRemoved)')
  stop.abort()
  expect(await simulation).toBe(0)
})

test('a used-up token ends the simulation with the message of the server', async () => {
  const server = createServer((_, response) =>
    response
      .writeHead(403)
      .end(JSON.stringify({ detail: 'The join token has reached its limit of 2 uses.', next: 'Create a new token.' })),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(simulate(5, { server: url })).rejects.toThrow(
    'The join token has reached its limit of 2 uses. Create a new token.',
  )
  server.closeAllConnections()
  server.close()
})

test('stopped while it still connects, it ends', async () => {
  const simulation = simulate(1_000, { connectRatePerSecond: 1 })
  await peer.accept()
  stop.abort()
  expect(await simulation).toBe(0)
  expect(printed).toEqual([])
})
