import type { ParameterDeclaration } from '../../../../src/core/extension/extension.ts'

/**
 * Limits of a parameter: `≤ 5`, `a | b`, `/^v/`, `${length} ≥ 2`; `length` is the translated word.
 */
export function describeLimits(declaration: ParameterDeclaration, length: string): string[] {
  const { allowedValues, pattern, min, max, minLength, maxLength } = declaration
  return [
    ...(allowedValues ? [allowedValues.map(String).join(' | ')] : []),
    ...(pattern === undefined ? [] : [`/${pattern}/`]),
    ...(min === undefined ? [] : [`≥ ${min}`]),
    ...(max === undefined ? [] : [`≤ ${max}`]),
    ...(minLength === undefined ? [] : [`${length} ≥ ${minLength}`]),
    ...(maxLength === undefined ? [] : [`${length} ≤ ${maxLength}`]),
  ]
}
