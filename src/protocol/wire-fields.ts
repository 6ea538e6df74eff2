/** Fields of the messages between agent and server. */
import { z } from 'zod'

/**
 * Text that PostgreSQL can store: without NUL, and with lone surrogates (of truncated text)
 * replaced.
 */
export const wireText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0]*$/, 'holds a NUL character')
    .overwrite((value) => value.toWellFormed())
export const invocationIdSchema = z
  .string()
  .regex(/^inv-[0-9a-z]+-[0-9]+-[0-9]+$/)
  .max(64)
export const instanceIdSchema = z.string().regex(/^i-[0-9a-z]{16}$/)
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)
/**
 * Milliseconds since 1970 by the sender's own clock, up to the year 9999: for display, never
 * compared with another clock.
 */
export const wireInstant = z
  .int()
  .min(0)
  .max(Date.UTC(9999, 11, 31))
/** Raw ed25519 key. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is not 32 bytes in base64')
