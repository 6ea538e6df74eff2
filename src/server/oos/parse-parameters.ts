import { chandlerError } from '../../core/errors.ts'

/** More than any operation has, and than lists flattened by a client (`Tag.1.Key`) need. */
const maxParameters = 500

/**
 * A query or a form as pairs, decoded. Nothing is guessed: what is not UTF-8 or holds a NUL is refused.
 * @throws RequestInvalid
 */
export function parseParameters(text: string): readonly (readonly [string, string])[] {
  const pairs = text.split('&').filter(Boolean)
  if (pairs.length > maxParameters) throw refuse(`it has more than ${maxParameters} parameters`)
  return pairs.map((pair) => {
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

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    if (!decoded.includes('\0')) return decoded
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw refuse('a parameter is not UTF-8 in percent encoding')
  }
  throw refuse('a parameter holds a NUL character')
}

const refuse = (reason: string) => chandlerError('RequestInvalid', { reason })
