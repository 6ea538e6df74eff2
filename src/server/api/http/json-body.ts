import { isUtf8 } from 'node:buffer'
import { chandlerError } from '../../../core/error/errors.ts'
import { maxJsonDepth } from '../../../core/limits.ts'

/**
 * Parses JSON from a request. Its depth is checked first, because parsing deep nesting costs stack.
 * The result contains no NUL and no lone surrogate (PostgreSQL stores neither), and no `__proto__`.
 * @throws BodyInvalid, BodyTooDeep
 */
export function parseJsonBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw chandlerError('BodyInvalid', { reason: 'it is not UTF-8' })
  if (findDepth(body) > maxJsonDepth) throw chandlerError('BodyTooDeep', { maxDepth: maxJsonDepth })
  const text = body.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw chandlerError('BodyInvalid', { reason: (error as Error).message }, undefined, { cause: error })
  }
  if (suspicious.test(text)) refuseUnkeepable(value)
  return value
}

/**
 * Nesting depth of brackets outside strings. For invalid JSON the number is meaningless, and
 * parsing fails.
 */
function findDepth(body: Buffer): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let place = 0; place < body.length; place++) {
    const byte = body[place]
    if (inString) {
      if (byte === backslash) place++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === openBrace || byte === openBracket) {
      depth++
      if (depth > deepest) deepest = depth
    } else if (byte === closeBrace || byte === closeBracket) depth--
  }
  return deepest
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('"\\{}[]')

/**
 * Escapes of NUL, of surrogates and of `_`, and the name itself: the value is searched only if one
 * occurs.
 */
const suspicious = /\\u(?:0000|[dD][89a-fA-F]|005[fF])|__proto__/

function refuseUnkeepable(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw chandlerError('BodyInvalid', { reason: 'a text holds a NUL character' })
    if (!value.isWellFormed())
      throw chandlerError('BodyInvalid', { reason: 'a text holds half of a character (\\ud800 to \\udfff)' })
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      if (name === '__proto__') throw chandlerError('BodyInvalid', { reason: 'a field is named __proto__' })
      refuseUnkeepable(name)
      refuseUnkeepable(field)
    }
  }
}
