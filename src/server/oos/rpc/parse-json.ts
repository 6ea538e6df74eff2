import { maxJsonDepth } from '../../../core/limits.ts'

/**
 * Parses JSON from a request parameter. Nesting is checked first, because parsing deep nesting
 * costs stack. The result contains no NUL, no lone surrogate and no `__proto__`.
 */
export function parseJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  if (isDeeper(text, maxJsonDepth)) return { problem: `it is nested deeper than ${maxJsonDepth}` }
  try {
    return { value: JSON.parse(text, refuseUnkeepable) }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: error.message }
    throw error
  }
}

function isDeeper(text: string, maxDepth: number): boolean {
  let depth = 0
  let deepest = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/gs)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth)
    else if (token === ']' || token === '}') depth--
  }
  return deepest > maxDepth
}

function refuseUnkeepable(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new SyntaxError('a field is named __proto__')
  for (const part of [name, value]) {
    if (typeof part !== 'string') continue
    if (part.includes('\0')) throw new SyntaxError('a text holds a NUL character')
    if (!part.isWellFormed()) throw new SyntaxError('a text holds half of a character')
  }
  return value
}
