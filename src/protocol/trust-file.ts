import type { TrustFile } from '../core/trust/trust-file.ts'
import { trustFileShape } from './agent-shapes.ts'
import { readShape, ShapeError } from './shape.ts'

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
  try {
    return readShape(trustFileShape, value)
  } catch (error) {
    if (error instanceof ShapeError) throw new TrustFileInvalid(error.message, { cause: error })
    throw error
  }
}
