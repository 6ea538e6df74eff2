import { expect, test } from 'vitest'
import { keyedDigestPrefix } from '../../core/extension/keyed-digest.ts'
import { sha256Of } from '../../lib/digest.ts'
import { createSecretDigests } from './secret-digests.ts'

const digests = createSecretDigests(Buffer.alloc(32, 7))

test('equal texts have equal digests under one key', () => {
  expect(digests.of('{"port":1}')).toBe(digests.of('{"port":1}'))
  expect(digests.of('{"port":1}')).not.toBe(digests.of('{"port":2}'))
  expect(digests.of('{"port":1}')).not.toBe(createSecretDigests(Buffer.alloc(32, 8)).of('{"port":1}'))
})

test('a digest has the format that agents expect, including its mark', () => {
  expect(digests.of('')).toMatch(/^[0-9a-f]{64}$/)
  expect(digests.of('').startsWith(keyedDigestPrefix)).toBe(true)
  expect(digests.of('')).not.toContain(sha256Of('').slice(0, 16))
})

test('a plain digest is converted to the keyed digest of the same text, once', () => {
  expect(digests.rekey(sha256Of('text'))).toBe(digests.of('text'))
  expect(digests.rekey(digests.of('text'))).toBe(digests.of('text'))
})
