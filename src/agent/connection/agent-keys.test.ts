import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { renewKeyProof } from '../../protocol/agent-protocol.ts'
import { createAgentKeys } from './agent-keys.ts'
import { loadIdentity, makeIdentity, rawPublicKey, saveIdentity } from './identity.ts'

const instanceId = 'i-0123456789abcdef'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-keys-'))
  await saveIdentity({ ...makeIdentity('http://server', {}), instanceId }, folder)
})
afterEach(() => rm(folder, { recursive: true }))

/** An agent process that starts now and knows only what is on disk. */
async function start() {
  const identity = await loadIdentity(folder, {}, silentLogger)
  if (!identity) throw new Error('the identity is gone')
  return { identity, keys: createAgentKeys({ ...identity, instanceId }, folder) }
}

const isSignedBy = (key: KeyObject, text: string, signature: string) =>
  verify(null, Buffer.from(text), createPublicKey(key), Buffer.from(signature, 'base64'))

test('both keys sign a renewal, and the new one is on disk before the request is sent', async () => {
  const { identity, keys } = await start()
  const request = await keys.renew('n')
  const kept = (await start()).identity
  expect(kept.nextPrivateKey && rawPublicKey(kept.nextPrivateKey)).toBe(request.publicKey)
  const proof = renewKeyProof(instanceId, 'n', request.publicKey)
  expect(isSignedBy(identity.privateKey, proof, request.signature)).toBe(true)
  expect(isSignedBy(kept.nextPrivateKey as KeyObject, proof, request.newSignature)).toBe(true)
})

test('after an answered renewal only the new key is left', async () => {
  const { keys } = await start()
  const { publicKey } = await keys.renew('n')
  await keys.renewed()
  const { identity } = await start()
  expect(identity.nextPrivateKey).toBeUndefined()
  expect(rawPublicKey(identity.privateKey)).toBe(publicKey)
  expect(isSignedBy(identity.privateKey, 'text', keys.sign('text'))).toBe(true)
})

test('a repeated renewal sends the same key', async () => {
  const first = await (await start()).keys.renew('n')
  expect((await (await start()).keys.renew('m')).publicKey).toBe(first.publicKey)
})

test.each([
  ['before the server heard of it', false],
  ['after the server has switched', true],
])('killed %s, the agent finds the key that the server knows, and keeps only that one', async (_, hasSwitched) => {
  const before = await start()
  await before.keys.renew('n')
  // The agent is killed here.
  const { identity, keys } = await start()
  const known = hasSwitched ? (identity.nextPrivateKey as KeyObject) : identity.privateKey
  const accepts = () => isSignedBy(known, 'hello', keys.sign('hello'))
  // After the switch the agent never proves the old key: a process that does has a copy.
  if (hasSwitched) expect(accepts()).toBe(true)
  else {
    expect(accepts()).toBe(false)
    expect(keys.tryOther()).toBe(true)
    expect(accepts()).toBe(true)
  }
  await keys.accepted()
  expect(accepts()).toBe(true)
  const after = await start()
  expect(rawPublicKey(after.identity.privateKey)).toBe(rawPublicKey(known))
  expect(after.identity.nextPrivateKey === undefined).toBe(hasSwitched)
})

test('the agent stops trying when the server knows neither key', async () => {
  await (await start()).keys.renew('n')
  const { keys } = await start()
  expect([keys.tryOther(), keys.tryOther()]).toEqual([true, false])
})
