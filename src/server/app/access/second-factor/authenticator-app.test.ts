import { randomBytes } from 'node:crypto'
import { URI } from 'otpauth'
import { expect, test } from 'vitest'
import {
  findFactorStep,
  hashRecoveryCode,
  makeFactorSecret,
  makeRecoveryCodes,
  renderFactorUri,
} from './authenticator-app.ts'

/** "12345678901234567890", the secret of the test vectors in RFC 6238. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test('codes are those of RFC 6238', () => {
  // The last six digits of the vectors for SHA-1.
  expect(findFactorStep(secret, '287082', 59_000)).toBe(1)
  expect(findFactorStep(secret, '081804', 1_111_111_109_000)).toBe(37_037_036)
  expect(findFactorStep(secret, '005924', 1_234_567_890_000)).toBe(41_152_263)
  expect(findFactorStep(secret, '279037', 2_000_000_000_000)).toBe(66_666_666)
})

test('a code is valid in its step, the one before and the one after', () => {
  const at = (nowMs: number) => findFactorStep(secret, '081804', nowMs)
  const begin = 37_037_036 * 30_000
  expect([begin - 30_001, begin - 30_000, begin + 59_999, begin + 60_000].map(at)).toEqual([
    undefined,
    37_037_036,
    37_037_036,
    undefined,
  ])
})

test.each(['', '08180', '0818041', '08180x', '０８１８０４', ' 081804', '-81804'])('"%s" is no code', (code) => {
  expect(findFactorStep(secret, code, 1_111_111_109_000)).toBeUndefined()
})

test('an app that reads the URI shows codes that are accepted', () => {
  const made = makeFactorSecret(randomBytes)
  const uri = renderFactorUri(made, 'Chandler chandler.example', 'anna')
  expect(uri).toMatch(/^otpauth:\/\/totp\/Chandler%20chandler\.example:anna\?/u)
  const app = URI.parse(uri)
  if (!('period' in app)) throw new Error('the URI is not of a time-based code')
  expect(app.secret.bytes.byteLength).toBe(20)
  const nowMs = 1_800_000_000_000
  expect(findFactorStep(made, app.generate({ timestamp: nowMs }), nowMs)).toBe(60_000_000)
})

test('recovery codes are different, and may be typed without groups and in capitals', () => {
  const codes = makeRecoveryCodes(randomBytes)
  expect(new Set(codes).size).toBe(10)
  for (const code of codes) expect(code).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/u)
  const [code = ''] = codes
  expect(hashRecoveryCode(code.replaceAll('-', ' ').toUpperCase())).toEqual(hashRecoveryCode(code))
})
