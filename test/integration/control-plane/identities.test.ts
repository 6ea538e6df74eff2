import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServerId } from '../../../src/core/id.ts'
import type { Fingerprint } from '../../../src/core/instance/agent-identity.ts'
import { agentKeyMaxAgeMs } from '../../../src/core/limits.ts'
import { makeReason } from '../../../src/core/reason/reason.ts'
import { approveInstance, releaseInstance } from '../../../src/server/app/instance/admit-instance.ts'
import { getInstance } from '../../../src/server/app/instance/get-instance.ts'
import { readOverview } from '../../../src/server/app/overview/read-overview.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { createGateway, type Gateway } from '../../../src/server/gateway/gateway.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'
import {
  type AgentKey,
  type AgentSocket,
  makeAgentKey,
  openAgentSocket,
  rawPublicKeyOf,
  sayHello,
  sayRenewKey,
} from './agent-socket.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

const serverId = 'server-test' as ServerId
const machine = { machineId: 'a'.repeat(64), productUuid: 'b'.repeat(64) }
const run = (name: string) => name.charCodeAt(0).toString(16).padStart(32, '0')

let plane: ControlPlane
let http: Server
let gateway: Gateway
let url: string
let key: AgentKey
beforeEach(async () => {
  plane = await startControlPlane()
  await updateHeartbeat(plane.db.database, serverId, 'host')
  gateway = createGateway(plane.context, serverId)
  http = createServer().listen(0, '127.0.0.1')
  gateway.attach(http)
  await once(http, 'listening')
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const [instanceId] = await plane.enrol(1)
  const { privateKey, rawPublicKey } = makeAgentKey()
  await plane.db.pool.query('update instances set public_key = $1, fingerprint = $2', [rawPublicKey, machine])
  key = { instanceId: instanceId!, privateKey }
})
afterEach(async () => {
  await gateway.close()
  http.close()
  await plane.stop()
})

async function hello(says: {
  fingerprint?: Fingerprint | undefined
  run?: string | undefined
  key?: AgentKey
  open?: string[]
  installed?: readonly unknown[]
  protocolVersion?: number
}) {
  const agent = await openAgentSocket(url)
  const { key: with_ = key, ...identity } = says
  const nonce = await sayHello(agent, with_, { protocolVersion: 3, fingerprint: machine, run: run('a'), ...identity })
  return { agent, nonce }
}
/** The server's answer to a hello. */
async function answerOf({ agent }: { agent: AgentSocket }): Promise<string> {
  const refused = agent.next('refused').then(({ code, retry }) => `${code}${retry ? ', retry' : ''}`)
  return Promise.race([agent.next('welcome').then(() => 'welcome'), refused])
}
const show = () => getInstance(plane.context, actor, key.instanceId)
const audit = async () =>
  (await plane.db.pool.query('select action, detail from audit_log order by id desc limit 1')).rows[0]

describe('a cloned identity', () => {
  test.each([
    ['on another machine', { ...machine, productUuid: 'c'.repeat(64) }, 'FingerprintChanged'],
    ['with an emptied fingerprint', {}, 'FingerprintMissing'],
    ['without a fingerprint', undefined, 'FingerprintMissing'],
  ] as const)(
    '%s is refused, and the instance is quarantined; its own agent stays and gets no work',
    async (_, fingerprint, suspicion) => {
      const own = await hello({})
      expect(await answerOf(own)).toBe('welcome')
      expect(await answerOf(await hello({ fingerprint, run: run('t') }))).toBe('InstanceQuarantined, retry')
      expect(await show()).toMatchObject({ admission: 'quarantined', status: 'online' })
      expect(await audit()).toMatchObject({ action: 'QuarantineInstance', detail: { suspicion } })
      expect((await readOverview(plane.context, actor, { days: 1 })).quarantined).toMatchObject({
        count: 1,
        first: [{ id: key.instanceId, reason: makeReason(suspicion, { address: '127.0.0.1' }) }],
      })
      // The original agent is not disturbed.
      own.agent.say({ type: 'fetch' })
      expect(await own.agent.next('invocations')).toMatchObject({ invocations: [] })
    },
  )

  test('that alternates with its original quarantines the instance', async () => {
    expect(await answerOf(await hello({ run: run('a') }))).toBe('welcome')
    expect(await answerOf(await hello({ run: run('t') }))).toBe('welcome')
    expect(await show()).toMatchObject({ admission: 'admitted' })
    expect(await answerOf(await hello({ run: run('a') }))).toBe('welcome')
    expect(await show()).toMatchObject({ admission: 'quarantined' })
    expect((await audit()).detail).toMatchObject({ suspicion: 'ConnectedTwice' })
  })

  test('an old agent, which sends neither machine nor process, may connect; alternating with a new one is detected', async () => {
    expect(await answerOf(await hello({}))).toBe('welcome')
    const old = { protocolVersion: 2, fingerprint: undefined, run: undefined }
    for (let turn = 0; turn < 3; turn++) expect(await answerOf(await hello(old))).toBe('welcome')
    expect(await show()).toMatchObject({ admission: 'admitted' })
    expect(await answerOf(await hello({}))).toBe('welcome')
    expect(await show()).toMatchObject({ admission: 'quarantined' })
  })

  test('two hellos of one instance in one batch are judged one after the other', async () => {
    const answers = await Promise.all(['a', 't', 'a'].map(async (name) => answerOf(await hello({ run: run(name) }))))
    expect(new Set(answers)).toEqual(new Set(['welcome']))
  })

  test('an agent that only restarts, or reconnects, is not a clone', async () => {
    for (const name of ['a', 'a', 'b', 'b', 'c', 'd'])
      expect(await answerOf(await hello({ run: run(name) }))).toBe('welcome')
    expect(await show()).toMatchObject({ admission: 'admitted' })
  })
})

describe('a quarantined instance', () => {
  test('receives nothing, and its running work does not change, until it is released', async () => {
    await plane.makeExtension('demo')
    expect(await answerOf(await hello({}))).toBe('welcome')
    const running = await plane.start({ extension: 'demo' })
    const [work] = await plane.takeWork([key.instanceId], 1)
    await plane.db.pool.query(`update invocations set state = 'running' where id = $1`, [work!.invocationId])
    expect(await answerOf(await hello({ fingerprint: {}, run: run('t') }))).toBe('InstanceQuarantined, retry')
    // The copy alternates, too, and does not know the running invocations: that does not implicate
    // the original.
    expect(await answerOf(await hello({ run: run('u'), open: [] }))).toBe('welcome')
    expect(await plane.statuses(running)).toEqual({ Running: 1 })

    const body = {
      operation: { kind: 'extension', action: 'uninstall', extension: 'demo', parameters: {} },
    } as const
    const ask = () => makePlan(plane.context, actor, { ...body, targets: { kind: 'all' }, rateControl: {} })
    await plane.db.pool.query(
      `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
       select $1, id, 'default', 'installed', 1, 'c1', '', 'exec-1' from extensions`,
      [key.instanceId],
    )
    expect((await ask()).planned).toMatchObject([{ step: 'skip', reasonCode: 'Quarantined' }])
    await releaseInstance(plane.context, actor, key.instanceId)
    expect((await ask()).planned).toMatchObject([{ step: 'uninstall' }])
    expect(await show()).toMatchObject({ admission: 'admitted' })
  })

  test('receives no artifact URL, no extension of deadlines, and its reports change nothing', async () => {
    await plane.makeExtension('demo')
    const { agent } = await hello({})
    await agent.next('welcome')
    const running = await plane.start({ extension: 'demo' })
    const [work] = await plane.takeWork([key.instanceId], 1)
    const { invocationId } = work!
    await plane.db.pool.query(
      `update invocations set state = 'downloading', deadline_at = now() + interval '1 second' where id = $1`,
      [invocationId],
    )
    expect(await answerOf(await hello({ fingerprint: {}, run: run('t') }))).toBe('InstanceQuarantined, retry')
    const ask = () => {
      agent.say({ type: 'artifactUrl', invocationId, sha256: 'a'.repeat(64) })
      return agent.next('artifactUrl')
    }
    expect((await ask()).refused).toContain('not admitted')
    agent.say({ type: 'waiting', invocationIds: [invocationId] })
    // In pages, as a hello that exceeds one message.
    agent.say({ type: 'inventory', open: [], installed: [] })
    const nothing = { cancelled: [], over: [], wanted: [] }
    expect((await agent.next('reconciled')).reconciliation).toEqual(nothing)
    const { rows } = await plane.db.pool.query(
      `select deadline_at < now() + interval '10 seconds' as near from invocations`,
    )
    expect(rows).toEqual([{ near: true }])
    expect(await plane.statuses(running)).toEqual({ Running: 1 })
    await releaseInstance(plane.context, actor, key.instanceId)
    expect((await ask()).refused).not.toContain('not admitted')
    agent.say({ type: 'inventory', open: [], installed: [] })
    expect((await agent.next('reconciled')).reconciliation).toEqual({ ...nothing, wanted: [invocationId] })
  })

  test('receives its work only after the release', async () => {
    await plane.makeExtension('demo')
    const { agent } = await hello({})
    await agent.next('welcome')
    expect(await answerOf(await hello({ fingerprint: {}, run: run('t') }))).toBe('InstanceQuarantined, retry')
    await plane.db.pool.query(`update instances set admission = 'admitted'`)
    const execution = await plane.start({ extension: 'demo' })
    await plane.db.pool.query(`update instances set admission = 'quarantined'`)
    await plane.until(async () => (await plane.statuses(execution))['Running'] === 1)
    agent.say({ type: 'fetch' })
    expect(await agent.next('invocations')).toMatchObject({ invocations: [] })
    await releaseInstance(plane.context, actor, key.instanceId)
    agent.say({ type: 'fetch' })
    expect((await agent.next('invocations')).invocations).toHaveLength(1)
  })

  test('that is connected keeps its machine when it is released', async () => {
    expect(await answerOf(await hello({}))).toBe('welcome')
    await hello({ fingerprint: {}, run: run('t') }).then(answerOf)
    await releaseInstance(plane.context, actor, key.instanceId)
    expect(await answerOf(await hello({ fingerprint: {}, run: run('t') }))).toBe('InstanceQuarantined, retry')
  })

  test('whose hardware was changed is accepted on it after its release, and on no other', async () => {
    const changed = { ...machine, productUuid: 'c'.repeat(64) }
    expect(await answerOf(await hello({ fingerprint: changed }))).toBe('InstanceQuarantined, retry')
    expect(await answerOf(await hello({ fingerprint: changed }))).toBe('InstanceQuarantined, retry')
    await releaseInstance(plane.context, actor, key.instanceId)
    const third = { ...machine, productUuid: 'd'.repeat(64) }
    expect(await answerOf(await hello({ fingerprint: changed }))).toBe('welcome')
    expect(await answerOf(await hello({ fingerprint: third, run: run('t') }))).toBe('InstanceQuarantined, retry')
    await releaseInstance(plane.context, actor, key.instanceId)
    expect(await answerOf(await hello({ fingerprint: machine, run: run('u') }))).toBe('InstanceQuarantined, retry')
  })
})

test('a pending instance connects, is online from its approval, and is counted nowhere before', async () => {
  await plane.db.pool.query(`update instances set admission = 'pending', admission_reason = 'r', admission_at = now()`)
  expect(await answerOf(await hello({}))).toBe('welcome')
  expect(await show()).toMatchObject({ admission: 'pending', status: 'offline' })
  expect((await readOverview(plane.context, actor, { days: 1 })).instances).toMatchObject({ total: 0, online: 0 })
  await approveInstance({ ...plane.context }, actor, key.instanceId)
  expect(await show()).toMatchObject({ admission: 'admitted', status: 'online' })
})

describe('an agent that is connected when an operator decides says hello again, and is reconciled', () => {
  const record = async () => {
    await plane.makeExtension('demo')
    const { rows } = await plane.db.pool.query<{ id: string }>(`select id from extensions where name = 'demo'`)
    const extensionId = rows[0]!.id
    const said = { extensionId, extensionName: 'demo', status: 'installed', version: 1, configurationId: 'c1' }
    return { ...said, parametersDigest: 'd'.repeat(64) }
  }
  const context = () => ({ ...plane.context, reconnect: gateway.reconnect })
  const installedNames = async () => (await show()).extensions.map(({ extensionName }) => extensionName)

  test.each([
    ['pending', approveInstance],
    ['quarantined', releaseInstance],
  ] as const)('%s', async (admission, decide) => {
    const installed = [await record()]
    await plane.db.pool.query(`update instances set admission = $1, admission_reason = 'r', admission_at = now()`, [
      admission,
    ])
    const { agent } = await hello({ installed })
    await agent.next('welcome')
    // Not compared yet.
    expect(await installedNames()).toEqual([])
    expect(await decide(context(), actor, key.instanceId)).toMatchObject({ admission: 'admitted', status: 'online' })
    expect(await agent.next('refused')).toMatchObject({ code: 'AdmissionChanged', retry: true })
    await agent.closed
    expect(await answerOf(await hello({ installed }))).toBe('welcome')
    expect(await installedNames()).toEqual(['demo'])
    expect(await show()).toMatchObject({ admission: 'admitted', status: 'online' })
  })
})

describe('key renewal', () => {
  test('the new key is the identity; the old one reveals a copy', async () => {
    const { agent, nonce } = await hello({})
    expect((await agent.next('welcome')).renewKeyInMs).toBeGreaterThan(agentKeyMaxAgeMs - 60_000)
    const next = makeAgentKey()
    const renewed = { instanceId: key.instanceId, privateKey: next.privateKey }
    sayRenewKey(agent, nonce, key, next.privateKey)
    expect((await agent.next('keyRenewed')).renewKeyInMs).toBe(agentKeyMaxAgeMs)
    expect(await audit()).toMatchObject({ action: 'RenewInstanceKey' })
    // The answer may be lost, and the request repeated.
    sayRenewKey(agent, nonce, key, next.privateKey)
    await agent.next('keyRenewed')
    expect(await answerOf(await hello({ key: renewed }))).toBe('welcome')
    expect(await answerOf(await hello({ run: run('t') }))).toBe('InstanceQuarantined, retry')
    expect((await audit()).detail).toMatchObject({ suspicion: 'KeyReplaced' })
    expect(await answerOf(await hello({ key: renewed }))).toBe('welcome')
  })

  test('a machine that was restored with its old key is accepted after its release', async () => {
    const { agent, nonce } = await hello({})
    const next = makeAgentKey()
    await agent.next('welcome')
    sayRenewKey(agent, nonce, key, next.privateKey)
    await agent.next('keyRenewed')
    agent.socket.terminate()
    await plane.until(async () => (await show()).status === 'offline')
    expect(await answerOf(await hello({ run: run('r') }))).toBe('InstanceQuarantined, retry')
    await releaseInstance(plane.context, actor, key.instanceId)
    expect(await answerOf(await hello({ run: run('r') }))).toBe('welcome')
    expect(await answerOf(await hello({ key: { ...key, privateKey: next.privateKey } }))).toBe('SignatureWrong')
  })

  test('an old key is announced as due, by the database’s clock', async () => {
    await plane.db.pool.query(`update instances set key_since = now() - interval '31 days'`)
    const { agent } = await hello({})
    expect(await agent.next('welcome')).toMatchObject({ renewKeyInMs: 0 })
  })

  test.each([
    ['with a foreign key', () => makeAgentKey().privateKey, undefined],
    ['without the new key', undefined, () => makeAgentKey().privateKey],
  ])('%s no key is renewed', async (_, oldKey, signer) => {
    const { agent, nonce } = await hello({})
    await agent.next('welcome')
    const next = makeAgentKey().privateKey
    sayRenewKey(agent, nonce, oldKey ? { ...key, privateKey: oldKey() } : key, next, signer?.())
    expect(await agent.next('refused')).toMatchObject({ code: 'SignatureWrong', retry: true })
    const { rows } = await plane.db.pool.query('select public_key from instances')
    expect(rows[0].public_key).toEqual(rawPublicKeyOf(key.privateKey))
  })

  test('a quarantined instance keeps its key: a copy cannot lock the original out', async () => {
    const { agent, nonce } = await hello({})
    await agent.next('welcome')
    await plane.db.pool.query(`update instances set admission = 'quarantined'`)
    sayRenewKey(agent, nonce, key, makeAgentKey().privateKey)
    agent.say({ type: 'fetch' })
    await agent.next('invocations')
    expect(agent.received.map(({ type }) => type)).not.toContain('keyRenewed')
  })
})

test('an agent that proves the key of a removed instance learns that it was removed; others learn nothing', async () => {
  expect(await answerOf(await hello({}))).toBe('welcome')
  await plane.db.pool.query('update instances set removed_at = now(), connected_to = null')
  expect(await answerOf(await hello({}))).toBe('InstanceRemoved')
  const { privateKey } = makeAgentKey()
  expect(await answerOf(await hello({ key: { ...key, privateKey } }))).toBe('InstanceUnknown')
  expect(
    await answerOf(await hello({ key: { ...key, instanceId: `i-${'f'.repeat(16)}` as typeof key.instanceId } })),
  ).toBe('InstanceUnknown')
})
