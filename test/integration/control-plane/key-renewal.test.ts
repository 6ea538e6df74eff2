// A real agent is killed (SIGKILL) at every step of its key renewal: it can always connect again,
// and the old key becomes invalid.
import { type ChildProcess, spawn } from 'node:child_process'
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readFingerprint, sealFingerprint } from '../../../src/agent/connection/fingerprint.ts'
import { loadIdentity, saveIdentity } from '../../../src/agent/connection/identity.ts'
import type { InstanceId, ServerId } from '../../../src/core/id.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createGateway, type Gateway } from '../../../src/server/gateway/gateway.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeAgentKey, openAgentSocket, rawPublicKeyOf, sayHello } from './agent-socket.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { createMessageRelay, type MessageRelay } from './message-relay.ts'

const serverId = 'server-test' as ServerId
const program = fileURLToPath(new URL('../agent/agent-process.ts', import.meta.url))
const killer = new URL('../agent/kill-at-rename.ts', import.meta.url).href

let plane: ControlPlane
let http: Server
let gateway: Gateway
let gatewayUrl: string
let relay: MessageRelay
let folder: string
let instanceId: InstanceId
let oldKey: KeyObject
let agent: ChildProcess | undefined

beforeEach(async () => {
  plane = await startControlPlane()
  await updateHeartbeat(plane.db.database, serverId, 'host')
  gateway = createGateway(plane.context, serverId)
  http = createServer().listen(0, '127.0.0.1')
  gateway.attach(http)
  await once(http, 'listening')
  gatewayUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  relay = await createMessageRelay(gatewayUrl)
  folder = await mkdtemp(join(tmpdir(), 'chandler-renewal-'))
  const [id] = await plane.enrol(1)
  instanceId = id as InstanceId
  const { privateKey, rawPublicKey } = makeAgentKey()
  oldKey = privateKey
  const fingerprint = await readFingerprint()
  const isDue = `now() - interval '31 days'`
  await plane.db.pool.query(`update instances set public_key = $1, fingerprint = $2, key_since = ${isDue}`, [
    rawPublicKey,
    fingerprint,
  ])
  await saveIdentity(
    { instanceId, privateKey, serverUrl: relay.url, fingerprint: sealFingerprint(fingerprint) },
    folder,
  )
})
afterEach(async () => {
  agent?.kill('SIGKILL')
  await relay.close()
  await gateway.close()
  http.close()
  await plane.stop()
  await rm(folder, { recursive: true })
})

/**
 * @param killAt `before 2`: it kills itself before the second time that it replaces its identity
 */
function startAgent(killAt?: string) {
  const options = { server: relay.url, stateDirectory: folder, name: 'web-1' }
  const preload = killAt === undefined ? [] : ['--import', killer]
  const child = spawn(process.execPath, [...preload, program, JSON.stringify(options)], {
    stdio: 'ignore',
    env: { ...process.env, KILL_AT: killAt ?? '' },
  })
  agent = child
  return { child, killed: once(child, 'exit').then(([, signal]) => signal as string | null) }
}

/**
 * Agent processes, each killed at a rename of its identity, or at a message that then never
 * arrives.
 */
type Life = { readonly killAt: string } | { readonly lost: string }

async function live(life: Life): Promise<void> {
  if ('killAt' in life) {
    expect(await startAgent(life.killAt).killed).toBe('SIGKILL')
    return
  }
  const lost = relay.lose(life.lost)
  const { child, killed } = startAgent()
  await lost
  child.kill('SIGKILL')
  expect(await killed).toBe('SIGKILL')
}

const keyOfServer = async () =>
  (await plane.db.pool.query('select public_key from instances')).rows[0].public_key as Buffer

async function keysOfAgent() {
  const identity = await loadIdentity(folder, await readFingerprint(), silentLogger)
  if (!identity) throw new Error('the identity is gone')
  return { key: identity.privateKey, next: identity.nextPrivateKey }
}

const hasSwitched: Life = { lost: 'keyRenewed' }

test.each<[string, Life[], serverHasNew: boolean]>([
  ['before it hears that its key is due', [{ lost: 'welcome' }], false],
  ['before the new key is on disk', [{ killAt: 'before 1' }], false],
  ['when the new key is on disk, before the request', [{ killAt: 'after 1' }], false],
  ['when the request is on its way', [{ lost: 'renewKey' }], false],
  ['after the server has stored the new key, before the answer', [hasSwitched], true],
  ['with the answer, before the old key is removed', [{ killAt: 'before 2' }], true],
  ['after the old key is removed', [{ killAt: 'after 2' }], true],
  [
    'twice: before the answer, and before it has noted which key is accepted',
    [hasSwitched, { killAt: 'before 1' }],
    true,
  ],
  [
    'twice: before the answer, and after it has noted which key is accepted',
    [hasSwitched, { killAt: 'after 1' }],
    true,
  ],
  ['twice while the request is on its way', [{ lost: 'renewKey' }, { lost: 'renewKey' }], false],
])('an agent that is killed %s', async (_, lives, serverHasNew) => {
  const old = rawPublicKeyOf(oldKey)
  for (const life of lives) await live(life)
  expect((await keyOfServer()).equals(old)).toBe(!serverHasNew)

  const welcomed = relay.next('welcome')
  startAgent()
  await welcomed
  await vi.waitFor(
    async () => {
      const { key, next } = await keysOfAgent()
      expect(next).toBeUndefined()
      expect(rawPublicKeyOf(key).equals(old)).toBe(false)
      expect(await keyOfServer()).toEqual(rawPublicKeyOf(key))
    },
    { timeout: 110_000, interval: 10 },
  )
  // Never the old key after the switch: the server would have treated that as a copy.
  expect((await plane.db.pool.query('select admission from instances')).rows).toEqual([{ admission: 'admitted' }])

  const { key } = await keysOfAgent()
  const fingerprint = await readFingerprint()
  const answerTo = async (privateKey: KeyObject, run: string) => {
    const socket = await openAgentSocket(gatewayUrl)
    await sayHello(socket, { instanceId, privateKey }, { protocolVersion: 3, fingerprint, run: run.repeat(32) })
    const refused = socket.next('refused').then(({ code }) => code)
    return Promise.race([socket.next('welcome').then(() => 'welcome'), refused])
  }
  expect(await answerTo(key, 'b')).toBe('welcome')
  expect(await answerTo(oldKey, 'c')).toBe('InstanceQuarantined')
})
