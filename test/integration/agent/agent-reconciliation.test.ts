import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConnectionToServer } from '../../../src/agent/connection/connection.ts'
import type { WireFacts } from '../../../src/agent/facts/fit-facts.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createManualClock, type ManualClock } from '../../../src/lib/manual-clock.ts'
import type { InstalledRecordEntry } from '../../../src/protocol/agent-messages.ts'
import { makeFacts } from '../../make-instance.ts'
import { makeScriptedWorker } from '../scripted-worker.ts'
import { type AgentPeer, makeAgentPeer } from './agent-peer.ts'

const heartbeatMs = 30_000

let peer: AgentPeer
let clock: ManualClock
let connection: ConnectionToServer
let it: ReturnType<typeof makeScriptedWorker>

function connectTo(server: string) {
  connection = new ConnectionToServer({
    server,
    instanceId: 'i-0123456789abcdef',
    run: 'ab'.repeat(16),
    sign: () => Buffer.alloc(64).toString('base64'),
    facts: () => makeFacts() as WireFacts,
    worker: it.worker,
    clock,
    random: () => 0,
    log: silentLogger,
  })
  connection.start()
}

beforeEach(async () => {
  peer = await makeAgentPeer()
  clock = createManualClock(Date.now())
  it = makeScriptedWorker()
})
afterEach(async () => {
  const ended = connection.stop(0)
  await clock.advance(0)
  await ended
  await peer.close()
})

const record = (ordinal: number): InstalledRecordEntry => ({
  extensionId: `ext-${ordinal}`,
  extensionName: 'demo',
  status: 'installed',
  version: 1,
  configurationId: 'c1',
  parametersDigest: 'a'.repeat(64),
})

test('a server of version 3 receives states and installed records, and the agent applies its answer', async () => {
  it.state.open = [{ id: 'inv-abc-7-1', state: 'waiting' }]
  it.state.installed = [record(1)]
  connectTo(peer.url)
  const server = await peer.accept()
  server.send({ type: 'challenge', nonce: 'n', version: 3 })
  expect(await server.next('hello')).toMatchObject({
    protocolVersion: 3,
    open: it.state.open,
    installed: it.state.installed,
  })
  const reconciliation = { cancelled: ['inv-abc-7-1'], over: ['inv-abc-8-1'], wanted: ['inv-abc-9-1'] }
  server.send({ type: 'welcome', serverTime: clock.now(), heartbeatMs, reconciliation })
  await server.next('fetch')
  expect(it.reconciled).toEqual([reconciliation])
})

test('an inventory that exceeds a hello follows in pages, completely', async () => {
  it.state.open = Array.from({ length: 9_001 }, (_, i) => ({ id: `inv-abc-${i}-1`, state: 'waiting' as const }))
  it.state.installed = Array.from({ length: 1_001 }, (_, i) => record(i))
  connectTo(peer.url)
  const server = await peer.accept()
  server.send({ type: 'challenge', nonce: 'n', version: 3 })
  const hello = await server.next('hello')
  server.send({ type: 'welcome', serverTime: clock.now(), heartbeatMs })
  const pages = [hello, await server.next('inventory'), await server.next('inventory')]
  expect(pages.map(({ more }) => more)).toEqual([true, true, undefined])
  expect(pages.flatMap(({ open }) => open)).toEqual(it.state.open)
  expect(pages.flatMap(({ installed = [] }) => installed)).toEqual(it.state.installed)
  server.send({ type: 'reconciled', reconciliation: { cancelled: ['inv-abc-5-1'], over: [], wanted: [] } })
  await server.settled()
  expect(it.reconciled).toMatchObject([{ cancelled: ['inv-abc-5-1'] }])
})

test('a server of version 2 receives no values and no fields that it does not know', async () => {
  it.state.open = [{ id: 'inv-abc-7-1', state: 'waiting' }]
  it.state.installed = [record(1)]
  connectTo(peer.url)
  const server = await peer.accept()
  server.send({ type: 'challenge', nonce: 'n' })
  expect(Object.keys(await server.next('hello')).sort()).toEqual(
    ['facts', 'instanceId', 'open', 'protocolVersion', 'signature', 'type'].sort(),
  )
  server.send({ type: 'welcome', serverTime: clock.now(), heartbeatMs })
  await server.next('fetch')
  const end = { stdoutBytes: 0, stderrBytes: 0, cutBytes: 0, at: 0, invocationId: 'inv-abc-7-1' }
  const installed = {
    status: 'installed',
    version: 1,
    configurationId: 'c1',
    parametersDigest: 'a'.repeat(64),
  } as const
  const outcome = { state: 'succeeded', reasonCode: 'Succeeded', reason: '' } as const
  it.unsent.push(
    { kind: 'unknown', invocationId: 'inv-abc-9-1', at: 0 },
    { kind: 'state', invocationId: 'inv-abc-7-1', at: 0, state: 'waiting' },
    {
      kind: 'end',
      ...end,
      outcome: { ...outcome, installed: { ...installed, contentDigest: 'b'.repeat(64) } },
      extension: { id: 'ext-1', name: 'demo' },
    },
  )
  it.report(8)
  const { entries } = await server.next('report')
  expect(entries).toEqual([
    { kind: 'state', invocationId: 'inv-abc-7-1', at: 0, state: 'accepted' },
    { kind: 'end', ...end, outcome: { ...outcome, installed } },
    { kind: 'state', invocationId: 'inv-abc-8-1', at: 0, state: 'running' },
  ])
  server.send({ type: 'ack', upTo: 1 })
  await server.settled()
  expect(it.delivered).toHaveLength(4)
})
