import type { Action, ParameterDeclarations, ParameterValue } from '../../../../../src/core/extension/extension.ts'
import { coerceParameter, validateParameters } from '../../../../../src/core/extension/parameter.ts'
import type { ParameterTexts } from '../batch-state.ts'

export interface ReadParameters {
  /** What was given; what has a default and was left empty is not in it. */
  readonly values: Readonly<Record<string, ParameterValue>>
  /** By name: `missing`, or what is wrong (follows "it"). */
  readonly problems: Readonly<Record<string, { readonly code: 'missing' | 'invalid'; readonly reason: string }>>
}

/** The declarations that an action takes: those that need a value first, then by name (the order in which they were written is not kept). */
export const listDeclarations = (declarations: ParameterDeclarations, action: Action) =>
  Object.entries(declarations)
    .filter(([, { actions = ['install', 'update'] }]) => actions.includes(action))
    .toSorted(
      ([a, { default: ofA }], [b, { default: ofB }]) =>
        Number(ofA !== undefined) - Number(ofB !== undefined) || a.localeCompare(b),
    )

/**
 * Values of a form's fields, checked as the server checks them. An empty field is one that was not given. What is not declared is left out: it
 * belonged to another version. With `keeps` nothing is missing: an instance keeps the value that it has, and the plan names one that has none.
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
