import type { ParameterDeclaration } from '../../../../src/core/extension/extension.ts'

/** The limits of a parameter as one reads them: `≤ 5`, `a | b`, `/^v/`, `${length} ≥ 2`; `length` is that word. */
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
