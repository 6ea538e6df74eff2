import type { ParameterType } from '../extension/extension.ts'
import { renderParameterVariable } from '../extension/parameter-name.ts'

/** Values beside the parameters, as `{{ ACS::RegionId }}` (OOS and Cloud Assistant have these). */
export const builtinNames = [
  'RegionId',
  'AccountId',
  'InstanceId',
  'InstanceName',
  'ExecutionId',
  'InvokeId',
  'CommandId',
  'ExecuteUser',
  'CurrentUTCTime',
  'CurrentDate',
  'TaskLoopItem',
] as const
export type BuiltinName = (typeof builtinNames)[number]

export const renderBuiltinVariable = (name: string) => `CHANDLER_BUILTIN_${name}`

/** A name between braces in a script, and the environment variable that holds its value. */
export interface Placeholder {
  /** Places in the text, in UTF-16 units; `end` is the first one behind it. */
  readonly start: number
  readonly end: number
  /** As it is declared, or `ACS::` and the name of a built-in. */
  readonly name: string
  readonly variable: string
  readonly type: ParameterType
}

type Named = Pick<Placeholder, 'name' | 'variable' | 'type'>

/** Declared names by their lower case: `{{ Port }}` and `{{ port }}` are the same. */
export type ScriptNames = ReadonlyMap<string, Named>

export function makeScriptNames(parameters: Readonly<Record<string, ParameterType>>): ScriptNames {
  const declared = Object.entries(parameters).map(
    ([name, type]) => [name.toLowerCase(), { name, variable: renderParameterVariable(name), type }] as const,
  )
  return new Map([...builtins, ...declared])
}

const builtins: readonly (readonly [string, Named])[] = builtinNames.map((name) => [
  `acs::${name.toLowerCase()}`,
  { name: `ACS::${name}`, variable: renderBuiltinVariable(name), type: 'String' },
])

// Each part has one way to match, so that no text takes longer than its length.
const braces = /\{\{[ \t\r\n]*((?:acs::)?[A-Za-z0-9_-]{1,128})[ \t\r\n]*\}\}/gi

/** The placeholders of a text, in order. Braces around an unknown name are text. */
export function findPlaceholders(text: string, names: ScriptNames): Placeholder[] {
  if (!text.includes('{{')) return []
  return [...text.matchAll(braces)].flatMap((match) => {
    const named = names.get((match[1] ?? '').toLowerCase())
    return named ? [{ ...named, start: match.index, end: match.index + match[0].length }] : []
  })
}

/** Braces around unknown names: the name as it is written, and its place. */
export function findUnknownPlaceholders(text: string, names: ScriptNames): { name: string; start: number }[] {
  if (!text.includes('{{')) return []
  return [...text.matchAll(braces)].flatMap((match) => {
    const name = match[1] ?? ''
    return names.has(name.toLowerCase()) ? [] : [{ name, start: match.index }]
  })
}
