import { chandlerError } from '../../../core/error/errors.ts'

/** More than any operation has, lists that a client flattens (`Tag.1.Key`) included. */
const maxParameters = 500

/**
 * Decodes a query or a form to pairs. Invalid UTF-8 and NUL are refused.
 * @throws RequestInvalid
 */
export function parseParameters(text: string): readonly (readonly [string, string])[] {
  // One more than the limit, so that a text of separators does not make a longer list.
  const pairs = plusAsSpace(text).split('&', maxParameters + 1)
  if (pairs.length > maxParameters) throw refuse(`it has more than ${maxParameters} parameters`)
  return pairs.filter(Boolean).map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
  })
}

/**
 * Merges query and form. A duplicate name is refused, because signers and servers resolve it
 * differently.
 * @throws RequestInvalid
 */
export function mergeParameters(
  ...sources: readonly (readonly (readonly [string, string])[])[]
): ReadonlyMap<string, string> {
  const merged = new Map<string, string>()
  for (const [name, value] of sources.flat()) {
    if (merged.has(name)) throw refuse(`the parameter ${name} comes twice`)
    merged.set(name, value)
  }
  return merged
}

const [plus, space] = Buffer.from('+ ') as unknown as readonly [number, number]

/**
 * Forms encode spaces as `+`. Byte by byte, because replacing in a string takes ten times as long,
 * which an unauthenticated client could exploit.
 */
function plusAsSpace(text: string): string {
  const bytes = Buffer.from(text)
  for (let place = bytes.indexOf(plus); place >= 0 && place < bytes.length; place++)
    if (bytes[place] === plus) bytes[place] = space
  return bytes.toString()
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    if (!decoded.includes('\0')) return decoded
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw refuse('a parameter is not UTF-8 in percent encoding')
  }
  throw refuse('a parameter holds a NUL character')
}

const refuse = (reason: string) => chandlerError('RequestInvalid', { reason })
