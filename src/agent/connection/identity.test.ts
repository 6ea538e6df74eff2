import { createPublicKey, verify } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { createLinuxMachine } from '../platform/linux-machine.ts'
import { isSameMachine, readFingerprint, sealFingerprint } from './fingerprint.ts'
import { acceptMachine, loadIdentity, makeIdentity, rawPublicKey, saveIdentity, signWith } from './identity.ts'

const here = { machineId: 'a', productUuid: 'b' }
let folder: string
let path: string
let logged: string
const log = createLogger({ level: 'debug', format: 'text', write: (line) => (logged += line), now: () => 0 })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-identity-'))
  path = join(folder, 'identity.json')
  logged = ''
})
afterEach(() => rm(folder, { recursive: true }))

test('an identity is stored privately and found again, before and after it has an id', async () => {
  expect(await loadIdentity(folder, here, log)).toBeUndefined()
  const made = makeIdentity('http://server', here)
  await saveIdentity(made, folder)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const found = await loadIdentity(folder, here, log)
  expect(found?.privateKey.equals(made.privateKey)).toBe(true)
  expect(found?.instanceId).toBeUndefined()
  await saveIdentity({ ...made, instanceId: 'i-0123456789abcdef' }, folder)
  expect(await loadIdentity(folder, here, log)).toMatchObject({
    instanceId: 'i-0123456789abcdef',
    serverUrl: 'http://server',
    fingerprint: sealFingerprint(here),
  })
  expect(logged).toBe('')
})

test('the raw public key is the last 32 bytes of its SPKI, and verifies signatures', () => {
  const { privateKey } = makeIdentity('http://server', {})
  const publicKey = createPublicKey(privateKey)
  const raw = Buffer.from(rawPublicKey(privateKey), 'base64')
  expect(raw).toEqual(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  const signature = Buffer.from(signWith(privateKey, 'text'), 'base64')
  expect(verify(null, Buffer.from('text'), publicKey, signature)).toBe(true)
})

test('a state directory that was copied to another machine is refused, with the fix', async () => {
  await saveIdentity(makeIdentity('http://server', here), folder)
  const loading = loadIdentity(folder, { machineId: 'a', productUuid: 'other' }, log)
  await expect(loading).rejects.toThrow(OperatorError)
  await expect(loading).rejects.toThrow(/made on another machine.*--state.*--token/)
})

test('an operator accepts the machine after a change of its hardware: the key and the id stay', async () => {
  const made = { ...makeIdentity('http://server', here), instanceId: 'i-0123456789abcdef' }
  await saveIdentity(made, folder)
  expect(await acceptMachine(folder, here)).toBe(false)
  const changed = { machineId: 'a', productUuid: 'other' }
  expect(await acceptMachine(folder, changed)).toBe(true)
  const found = await loadIdentity(folder, changed, log)
  expect(found).toMatchObject({ instanceId: made.instanceId, fingerprint: sealFingerprint(changed) })
  expect(found?.privateKey.equals(made.privateKey)).toBe(true)
  await expect(loadIdentity(folder, here, log)).rejects.toThrow('setup accept-machine')
  await writeFile(path, '{')
  await expect(acceptMachine(folder, here)).rejects.toThrow('missing or damaged')
})

test("an older agent's file is sealed at the next start: no copy of the file reveals what the agent sends", async () => {
  await saveIdentity(makeIdentity('http://server', here), folder)
  const { isSealed: _, ...old } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...old, fingerprint: here }), { mode: 0o600 })
  expect(await loadIdentity(folder, here, log)).toMatchObject({ fingerprint: sealFingerprint(here) })
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ isSealed: true, fingerprint: sealFingerprint(here) })
  await expect(loadIdentity(folder, { machineId: 'other' }, log)).rejects.toThrow('made on another machine')
})

test.each([
  ['empty', ''],
  ['cut short', '{"instanceId":"i-012'],
  ['not an object', 'null'],
  ['with a key that is none', JSON.stringify({ privateKey: 'x', serverUrl: 'http://s', fingerprint: {} })],
  ['without a fingerprint', 'NO_FINGERPRINT'],
  ['with an id that is none', 'BAD_ID'],
])('an identity file that is %s is reported as damaged, with its path', async (_, content) => {
  await saveIdentity(makeIdentity('http://server', here), folder)
  const good = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  const { fingerprint, ...rest } = good
  const special: Record<string, string> = {
    NO_FINGERPRINT: JSON.stringify(rest),
    BAD_ID: JSON.stringify({ ...rest, fingerprint, instanceId: '../../etc' }),
  }
  await writeFile(path, special[content] ?? content)
  await expect(loadIdentity(folder, here, log)).rejects.toThrow(`${path} is damaged`)
})

test('an identity that others could read is made private again, with a warning', async () => {
  await saveIdentity(makeIdentity('http://server', here), folder)
  await chmod(path, 0o644)
  await loadIdentity(folder, here, log)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(logged).toContain('could be read by other users')
})

test.each([
  [{ machineId: 'a', productUuid: 'b' }, { machineId: 'a', productUuid: 'b' }, true],
  [{ machineId: 'a', productUuid: 'b' }, { machineId: 'a', productUuid: 'c' }, false],
  [{ machineId: 'a', productUuid: 'b' }, { machineId: 'c', productUuid: 'b' }, false],
  [{ machineId: 'a', productUuid: 'b' }, { machineId: 'a' }, true],
  [{ machineId: 'a' }, { productUuid: 'b' }, true],
  [{}, { machineId: 'a' }, true],
])('%o and %o: the same machine is %s', (one, other, expected) => {
  expect(isSameMachine(one, other)).toBe(expected)
  expect(isSameMachine(other, one)).toBe(expected)
})

test('a fingerprint contains digests of the readable values, and never the values', async () => {
  const machineId = join(folder, 'machine-id')
  const machine = createLinuxMachine({ machineId, productUuid: join(folder, 'missing') })
  await writeFile(machineId, 'b08dfa6083e7567a1921a715000001fb\n')
  const fingerprint = await readFingerprint(machine)
  expect(fingerprint).toEqual({ machineId: expect.stringMatching(/^[0-9a-f]{64}$/) })
  await writeFile(machineId, 'uninitialized\n')
  expect(await readFingerprint(machine)).toEqual({})
})
