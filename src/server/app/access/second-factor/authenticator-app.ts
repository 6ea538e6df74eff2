import { createHash } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { RandomBytes } from '../../../../core/id.ts'

/** What the common apps support, and show as six digits every 30 seconds (RFC 6238). */
const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const
/** The code before and the one after are accepted: clocks differ, and typing takes time. */
const window = 1
const secretBytes = 20

/** A new secret in Base32. */
export const makeFactorSecret = (random: RandomBytes): string =>
  new Secret({ buffer: Uint8Array.from(random(secretBytes)).buffer }).base32

/** The `otpauth:` URI that apps read from a QR code. */
export const renderFactorUri = (secret: string, issuer: string, label: string): string =>
  new TOTP({ ...form, issuer, label, secret: Secret.fromBase32(secret) }).toString()

/** The time step that a code belongs to; undefined: it is not valid now. @param nowMs since 1970 */
export function findFactorStep(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/u.test(code)) return undefined
  const delta = new TOTP({ ...form, secret: Secret.fromBase32(secret) }).validate({
    token: code,
    timestamp: nowMs,
    window,
  })
  return delta === null ? undefined : Math.floor(nowMs / 1_000 / form.period) + delta
}

const recoveryCodeCount = 10
const recoveryLetters = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Codes of 80 random bits, in groups that are easy to type. */
export const makeRecoveryCodes = (random: RandomBytes): readonly string[] =>
  Array.from({ length: recoveryCodeCount }, () =>
    Array.from(random(16), (byte) => recoveryLetters[byte % recoveryLetters.length])
      .join('')
      .replaceAll(/(.{4})(?=.)/gu, '$1-'),
  )

/** Groups and case do not matter. */
export const hashRecoveryCode = (code: string): Buffer =>
  createHash('sha256').update(code.toLowerCase().replaceAll(/[\s-]/gu, '')).digest()
