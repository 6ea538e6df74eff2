import type { ParameterDeclaration } from '../../../../src/core/extension.ts'

/** The limits of a parameter as one reads them: `≤ 5`, `a | b`, `/^v/`. They are the declaration's own words in every language. */
export function describeLimits(declaration: ParameterDeclaration): string[] {
  const { allowedValues, pattern, min, max, minLength, maxLength } = declaration
  return [
    ...(allowedValues ? [allowedValues.map(String).join(' | ')] : []),
    ...(pattern === undefined ? [] : [`/${pattern}/`]),
    ...(min === undefined ? [] : [`≥ ${min}`]),
    ...(max === undefined ? [] : [`≤ ${max}`]),
    ...(minLength === undefined ? [] : [`length ≥ ${minLength}`]),
    ...(maxLength === undefined ? [] : [`length ≤ ${maxLength}`]),
  ]
}
