import type { Action, ParameterDeclarations, ParameterValue } from '../../../../../src/core/extension/extension.ts'
import { coerceParameter, validateParameters } from '../../../../../src/core/extension/parameter.ts'
import type { ParameterTexts } from '../batch-state.ts'

export interface ReadParameters {
  /** Parsed values, without those left to their default. */
  readonly values: Readonly<Record<string, ParameterValue>>
  /** Problems by name: `missing`, or the reason (phrased to follow "it"). */
  readonly problems: Readonly<Record<string, { readonly code: 'missing' | 'invalid'; readonly reason: string }>>
}

/**
 * Declarations for an action: required ones first, then by name (the original order is not stored).
 */
export const listDeclarations = (declarations: ParameterDeclarations, action: Action) =>
  Object.entries(declarations)
    .filter(([, { actions = ['install', 'update'] }]) => actions.includes(action))
    .toSorted(
      ([a, { default: ofA }], [b, { default: ofB }]) =>
        Number(ofA !== undefined) - Number(ofB !== undefined) || a.localeCompare(b),
    )

/**
 * Parses form fields with the checks of the server. Empty fields are not set. Ignores undeclared
 * names, which belong to another version. With `keeps`, nothing is missing: instances keep their
 * values, and the plan reports missing ones.
 */
export function readParameterTexts(
  declarations: ParameterDeclarations,
  action: Action,
  texts: ParameterTexts,
  { keeps = false }: { readonly keeps?: boolean } = {},
): ReadParameters {
  const values: [string, ParameterValue][] = []
  const problems: [string, ReadParameters['problems'][string]][] = []
  for (const [name, declaration] of listDeclarations(declarations, action)) {
    const text = Object.hasOwn(texts, name) ? (texts[name] ?? '') : ''
    if (text === '') continue
    const coerced = coerceParameter(declaration, text)
    if ('problem' in coerced) problems.push([name, { code: 'invalid', reason: coerced.problem }])
    else values.push([name, coerced.value])
  }
  const given = Object.fromEntries(values)
  const validation = validateParameters(declarations, action, given)
  const known = new Set(problems.map(([name]) => name))
  for (const { name, code, message } of 'problems' in validation ? validation.problems : []) {
    if (keeps && code === 'ParameterMissing') continue
    if (!known.has(name))
      problems.push([name, { code: code === 'ParameterMissing' ? 'missing' : 'invalid', reason: message }])
  }
  return { values: given, problems: Object.fromEntries(problems) }
}
