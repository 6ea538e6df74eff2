import { chandlerError } from '../../../core/error/errors.ts'

/** More than any operation has, and than lists flattened by a client (`Tag.1.Key`) need. */
const maxParameters = 500

/**
 * A query or a form as pairs, decoded. Nothing is guessed: what is not UTF-8 or holds a NUL is refused.
 * @throws RequestInvalid
 */
export function parseParameters(text: string): readonly (readonly [string, string])[] {
  // One more than may be: a text of nothing but separators makes no longer list.
  const pairs = plusAsSpace(text).split('&', maxParameters + 1)
  if (pairs.length > maxParameters) throw refuse(`it has more than ${maxParameters} parameters`)
  return pairs.filter(Boolean).map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
  })
}

/**
 * Query and form in one. A name that comes twice is refused: which of the two counts would be anyone's guess, and signers and
 * servers guess differently.
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

/** As forms write spaces. Byte for byte: replacing in a text takes ten times as long, which anyone could have us do. */
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
