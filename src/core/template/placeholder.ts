import type { ParameterType } from '../extension/extension.ts'
import { renderParameterVariable } from '../extension/parameter-name.ts'

/**
 * Built-in values besides the parameters, such as `{{ ACS::RegionId }}` (as in OOS and Cloud
 * Assistant).
 */
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

/** The environment variable of a built-in value. */
export const renderBuiltinVariable = (name: string) => `CHANDLER_BUILTIN_${name}`

/** A name between braces in a script, and the environment variable with its value. */
export interface Placeholder {
  /** Positions in the text, in UTF-16 units; `end` is exclusive. */
  readonly start: number
  readonly end: number
  /** As declared, or `ACS::` and the name of a built-in. */
  readonly name: string
  readonly variable: string
  readonly type: ParameterType
}

type Named = Pick<Placeholder, 'name' | 'variable' | 'type'>

/** Declared names by their lower case: `{{ Port }}` and `{{ port }}` are the same. */
export type ScriptNames = ReadonlyMap<string, Named>

/** The names that scripts of a version may use: its parameters and the built-ins. */
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

// Each part can match in only one way, so that matching takes linear time.
const braces = /\{\{[ \t\r\n]*((?:acs::)?[A-Za-z0-9_-]{1,128})[ \t\r\n]*\}\}/gi

/** The placeholders of a text, in order. Braces around an unknown name are plain text. */
export function findPlaceholders(text: string, names: ScriptNames): Placeholder[] {
  if (!text.includes('{{')) return []
  return [...text.matchAll(braces)].flatMap((match) => {
    const named = names.get((match[1] ?? '').toLowerCase())
    return named ? [{ ...named, start: match.index, end: match.index + match[0].length }] : []
  })
}

/** Braces around unknown names: the name as written, and its position. */
export function findUnknownPlaceholders(text: string, names: ScriptNames): { name: string; start: number }[] {
  if (!text.includes('{{')) return []
  return [...text.matchAll(braces)].flatMap((match) => {
    const name = match[1] ?? ''
    return names.has(name.toLowerCase()) ? [] : [{ name, start: match.index }]
  })
}
