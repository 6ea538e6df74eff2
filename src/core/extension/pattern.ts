import { RE2JS } from 're2js'

/**
 * Patterns of parameters (design §4, §10). The author of an extension writes a pattern, and the
 * server runs it on values from any caller. JavaScript's engine backtracks: `(a|a)*b` or three
 * `\w*` in a row run for minutes on 8 KiB. RE2 takes time in proportion to the value. The syntax is
 * that of JavaScript with the flag `u`, without lookaround, back references, named groups and empty
 * classes. An accepted pattern has the same meaning as in JavaScript. The whole value must match.
 */

/**
 * `{63}{63}` multiplies; RE2 counts steps, and names, digests, addresses and version numbers need
 * far fewer. 8 KiB take at most 0.4 s.
 */
export const maxPatternSize = 1_000

/** Why a pattern is invalid, to follow "the pattern …". */
export function validatePattern(pattern: string): string | undefined {
  const compiled = compile(pattern)
  return 'reason' in compiled ? compiled.reason : undefined
}

/** Whether the whole value matches. A malformed pattern matches nothing. */
export function matchPattern(pattern: string, value: string): boolean {
  const compiled = compile(pattern)
  return 'expression' in compiled && compiled.expression.testExact(value)
}

function compile(pattern: string): { readonly expression: RE2JS } | { readonly reason: string } {
  try {
    const expression = RE2JS.compile(translate(pattern))
    // Syntax that only RE2 has, such as \A or (?i), is refused, because other tools would not
    // understand the pattern.
    new RegExp(pattern, 'u')
    if (expression.programSize() <= maxPatternSize) return { expression }
    return { reason: `is too large: ${expression.programSize()} steps, ${maxPatternSize} are allowed` }
  } catch (error) {
    if (error instanceof PatternError) return { reason: error.message }
    return { reason: `is not well-formed or not supported: ${describe(error as Error)}` }
  }
}

class PatternError extends Error {}

const describe = ({ message }: Error) =>
  message.replace(/^error parsing regexp: /, '').replace(/^Invalid regular expression: [^]*: /, '')

/** White space and line terminators of JavaScript; RE2 has fewer. */
const space = '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const noSpace =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}' +
  '\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}'
const noLineEnd = '[^\\n\\r\\x{2028}\\x{2029}]'

/**
 * Escapes of a code point, classes with the name of their property (`\p{Script=Greek}`), groups,
 * other escapes, single characters.
 */
const token =
  /\\u\{([0-9a-f]+)\}|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})|(\\p\{)(?:gc|sc|General_Category|Script)=|\(\?(?!:)|\\?[^]/giu

/** Translates the pattern to RE2's syntax. @throws PatternError */
function translate(pattern: string): string {
  let isInClass = false
  return pattern.replaceAll(
    token,
    (
      text,
      braced: string | undefined,
      high: string | undefined,
      low: string | undefined,
      unit: string | undefined,
      property: string | undefined,
      at: number,
    ) => {
      if (high !== undefined && low !== undefined) return codePoint(String.fromCharCode(toNumber(high), toNumber(low)))
      const hex = braced ?? unit
      if (hex !== undefined) return `\\x{${hex}}`
      if (property !== undefined) return property
      if (!isInClass && text.startsWith('(?'))
        throw new PatternError(`has ${text}…; only plain groups ( ) and (?: ) are possible, no lookaround and no names`)
      // RE2 takes a ] at the start of a class as a character: `[].*` would become another class.
      if (text === '[' && !isInClass && /^\[\^?\]/.test(pattern.slice(at, at + 3)))
        throw new PatternError('has a class without characters, [] or [^]')
      if (text === '[') isInClass = true
      if (text === ']') isInClass = false
      if (text === '.' && !isInClass) return noLineEnd
      if (text === '\\s') return isInClass ? space : `[${space}]`
      if (text === '\\S') return isInClass ? noSpace : `[${noSpace}]`
      if (text === '\\b' && isInClass) return '\\x08'
      return text
    },
  )
}

const toNumber = (hex: string) => Number.parseInt(hex, 16)
const codePoint = (character: string) => `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`
