import { describe, expect, test } from 'vitest'
import { decideAgent, decideTrustUpdate, decideUnsigned, decideVersion } from './decide.ts'
import type { SignatureNamespace } from './namespaces.ts'
import type { TrustFile } from './trust-file.ts'

const file: TrustFile = {
  version: 3,
  expires: '2030-01-01T00:00:00Z',
  expiresAt: 1_000,
  keys: { a: 'key a', b: 'key b', alias: 'key a', c: 'key c', r: 'key r' },
  root: { keys: ['a', 'b'], threshold: 2 },
  publishers: [
    { extensions: ['web-*'], keys: ['a'], threshold: 1 },
    { extensions: ['db', 'web-1'], keys: ['a', 'alias', 'b'], threshold: 2 },
  ],
  release: { keys: ['r'], threshold: 1 },
}
const by = (names: string, namespace: SignatureNamespace = 'chandler-version') =>
  [...names].map((name) => ({ namespace, publicKey: `key ${name}`, fingerprint: `SHA256:${name}` }))
const facts = (signers: ReturnType<typeof by>, more: Partial<TrustFile> = {}) => ({
  file: { ...file, ...more },
  now: 999,
  signers,
})
const version = (extension: string, number = 2) => ({ extension, version: number, sha256: 'x' })

describe('a version', () => {
  test.each([
    ['web-2', 'a', true],
    ['web-2', 'b', false],
    ['web-2', '', false],
    // One of two roles suffices.
    ['web-1', 'a', true],
    ['web-1', 'b', false],
    ['db', 'ab', true],
    ['db', 'a', false],
    ['db', 'aa', false],
    ['other', 'ab', false],
    ['WEB-2', 'a', false],
  ])('%s signed by %s: %s', (extension, signers, isAccepted) => {
    expect(decideVersion(facts(by(signers)), version(extension), undefined) === undefined).toBe(isAccepted)
  })

  test('is compared with the newest one that was installed', () => {
    const decide = (number: number, newest: number, signers = by('a'), sha256 = 'x') =>
      decideVersion(facts(signers), { ...version('web-2', number), sha256 }, { version: newest, sha256: 'x' })
    expect(decide(2, 1)).toBeUndefined()
    expect(decide(2, 2)).toBeUndefined()
    expect(decide(2, 2, by('a'), 'y')).toMatchObject({ arguments: { subject: 'rollback' } })
    expect(decide(1, 2)).toMatchObject({ arguments: { subject: 'rollback', valid: 0, keys: ['a'] } })
    expect(decide(1, 2, [...by('a'), ...by('b', 'chandler-rollback')])).toMatchObject({
      arguments: { others: ['SHA256:b'] },
    })
    expect(decide(1, 2, [...by('a'), ...by('a', 'chandler-rollback')])).toBeUndefined()
    // The consent alone is no signature of the version.
    expect(decide(1, 2, by('a', 'chandler-rollback'))).toMatchObject({ arguments: { subject: 'version' } })
  })

  test('is refused from the instant on which the trust file expires', () => {
    const late = { ...facts(by('a')), now: 1_000 }
    expect(decideVersion(late, version('web-2'), undefined)).toEqual({
      code: 'TrustFileExpired',
      arguments: { trustVersion: 3, expired: '2030-01-01T00:00:00Z' },
    })
    expect(
      decideAgent({ ...facts(by('r', 'chandler-agent')), now: 1_000 }, { version: '2.0.0' }, '1.0.0'),
    ).toBeDefined()
    expect(decideUnsigned({ file, now: 1_000 }, 'command').code).toBe('TrustFileExpired')
  })
})

test('an agent takes the release key, and consent to go back', () => {
  const decide = (to: string, signers: ReturnType<typeof by>) => decideAgent(facts(signers), { version: to }, '1.10.0')
  expect(decide('1.10.1', by('r', 'chandler-agent'))).toBeUndefined()
  expect(decide('1.10.0', by('r', 'chandler-agent'))).toBeUndefined()
  expect(decide('1.10.1', by('a', 'chandler-agent'))).toMatchObject({ arguments: { role: 'release', valid: 0 } })
  expect(decide('1.9.0', by('r', 'chandler-agent'))).toMatchObject({ arguments: { subject: 'agentRollback' } })
  const consent = [...by('r', 'chandler-agent'), ...by('r', 'chandler-rollback')]
  expect(decide('1.9.0', consent)).toBeUndefined()
  const { release: _, ...withoutRelease } = file
  expect(decideAgent({ ...facts(consent), file: withoutRelease }, { version: '2.0.0' }, '1.0.0')).toMatchObject({
    arguments: { keys: [], valid: 0 },
  })
})

describe('a successor of the trust file', () => {
  const successor: TrustFile = {
    ...file,
    version: 4,
    expiresAt: 5_000,
    expires: '2031-01-01T00:00:00Z',
    root: { keys: ['b', 'c'], threshold: 2 },
  }
  const decide = (names: string, more: Partial<TrustFile> = {}, now = 999) =>
    decideTrustUpdate({ ...facts(by(names, 'chandler-trust')), now }, { ...successor, ...more })

  test('takes the root keys of both files', () => {
    expect(decide('abc')).toBeUndefined()
    expect(decide('ab')).toMatchObject({ kind: 'unsigned', by: 'successor', valid: 1, keys: ['b', 'c'] })
    expect(decide('bc')).toMatchObject({ kind: 'unsigned', by: 'present', valid: 1, keys: ['a', 'b'] })
    expect(decide('')).toMatchObject({ kind: 'unsigned', by: 'present', valid: 0, threshold: 2 })
  })

  test('has a higher version and has not expired; the present one may have', () => {
    expect(decide('abc', { version: 3 })).toEqual({ kind: 'notNewer', version: 3, present: 3 })
    expect(decide('abc', {}, 2_000)).toBeUndefined()
    expect(decide('abc', {}, 5_000)).toEqual({ kind: 'expired', expired: '2031-01-01T00:00:00Z' })
  })

  test('is not signed by signatures for other purposes, or by keys that only it calls root', () => {
    expect(decideTrustUpdate(facts(by('abc')), successor)).toMatchObject({ kind: 'unsigned' })
    const taken = { ...successor, keys: { x: 'key x' }, root: { keys: ['x'], threshold: 1 } }
    expect(decideTrustUpdate(facts(by('x', 'chandler-trust')), taken)).toMatchObject({ by: 'present' })
  })
})
