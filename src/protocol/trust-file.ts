import { z } from 'zod'
import { maxExtensionNameLength } from '../core/limits.ts'
import type { TrustFile } from '../core/trust/trust-file.ts'

const keyName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'is not a name of a key')
const roleSchema = z.strictObject({
  keys: z.array(keyName).min(1).max(64),
  threshold: z.int().min(1).max(64),
})

/** The form of a trust file. */
const trustFileSchema = z.strictObject({
  format: z.literal('chandler-trust-1'),
  version: z.int().min(1),
  expires: z.iso.datetime({ offset: true }),
  keys: z.record(keyName, z.string().max(8_192)),
  root: roleSchema,
  publishers: z
    .array(
      roleSchema.extend({
        extensions: z
          .array(
            z
              .string()
              .regex(/^[A-Za-z0-9*-]+$/, 'is not a pattern of names')
              .max(maxExtensionNameLength),
          )
          .min(1)
          .max(256),
      }),
    )
    .max(256),
  release: roleSchema.optional(),
  approvers: roleSchema.optional(),
})

/** Keys and patterns of hundreds of publishers. */
const maxTrustFileLength = 262_144

/** Why a text is no trust file, as a sentence without a full stop. */
export class TrustFileInvalid extends Error {
  override readonly name = 'TrustFileInvalid'
}

/**
 * Reads a trust file.
 * @param normaliseKey the canonical form of a line as in `authorized_keys`; throws if it is none
 * @throws TrustFileInvalid
 */
export function parseTrustFile(text: string, normaliseKey: (line: string) => string): TrustFile {
  if (text.length > maxTrustFileLength) throw new TrustFileInvalid(`it is longer than ${maxTrustFileLength} bytes`)
  const { expires, keys, format: _, ...file } = parse(text)
  const normalised = Object.fromEntries(
    Object.entries(keys).map(([name, line]) => {
      try {
        return [name, normaliseKey(line)]
      } catch (error) {
        throw new TrustFileInvalid(`the key ${name} is not valid: ${(error as Error).message}`, { cause: error })
      }
    }),
  )
  const roles = { root: file.root, release: file.release, approvers: file.approvers }
  const named = [
    ...Object.entries(roles),
    ...file.publishers.map((role, index) => [`publishers.${index}`, role] as const),
  ]
  for (const [title, role] of named) {
    if (!role) continue
    const unknown = role.keys.find((name) => !Object.hasOwn(normalised, name))
    if (unknown !== undefined) throw new TrustFileInvalid(`${title} names the key ${unknown}, which keys does not have`)
    const count = new Set(role.keys.map((name) => normalised[name])).size
    if (role.threshold > count)
      throw new TrustFileInvalid(`${title} needs ${role.threshold} signatures and has ${count} different keys`)
  }
  return { ...file, keys: normalised, expires, expiresAt: Date.parse(expires) }
}

function parse(text: string) {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new TrustFileInvalid(`it is not JSON: ${(error as Error).message}`, { cause: error })
  }
  const parsed = trustFileSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new TrustFileInvalid(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
