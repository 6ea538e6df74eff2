import type { ParameterType } from '../extension/extension.ts'
import type { OsFamily } from '../instance/facts.ts'
import {
  findPlaceholders,
  findUnknownPlaceholders,
  makeScriptNames,
  type Placeholder,
  type ScriptNames,
} from './placeholder.ts'
import { renderPowershellEdits } from './render-powershell.ts'
import { renderShellEdits } from './render-shell.ts'
import { findScriptDialect } from './script-dialect.ts'
import { applyEdits } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/** A place in a script, counted from 1; columns in UTF-16 units. */
export interface ScriptNote {
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface ScriptReference extends Pick<Placeholder, 'name' | 'variable'> {
  readonly line: number
  /** Only a whole number may be its value. */
  readonly isInteger: boolean
}

export interface RenderedScript {
  readonly text: string
  readonly references: readonly ScriptReference[]
  readonly warnings: readonly ScriptNote[]
}

/**
 * A script with `{{ name }}` written as references to environment variables (OOS and Cloud Assistant put the value into the text). The value
 * never is in the text, so it is a value whatever it holds: one word, byte for byte, in the quotes where it stands. What is not declared
 * and no built-in stays as it is.
 * @param parameters what the script's version declares
 */
export function renderScript(
  text: string,
  os: OsFamily,
  parameters: Readonly<Record<string, ParameterType>>,
): RenderedScript | { readonly problem: ScriptNote } {
  if (!text.includes('{{')) return { text, references: [], warnings: [] }
  const names = makeScriptNames(parameters)
  const placeholders = findPlaceholders(text, names)
  const [first] = placeholders
  if (!first) return { text, references: [], warnings: [] }
  const noteAt = createNotes(text)
  const found = findScriptDialect(text, os)
  if ('interpreter' in found) {
    const message = `{{ ${first.name} }} cannot stand in a script for ${found.interpreter}; use the environment variable ${first.variable}`
    return { problem: noteAt(first.start, message) }
  }
  try {
    const { edits, warnings } = renderIn(found.dialect, text, names, placeholders)
    return {
      text: applyEdits(text, edits),
      references: edits.flatMap(({ placeholder, start, isInteger }) =>
        placeholder
          ? [{ name: placeholder.name, variable: placeholder.variable, line: noteAt(start, '').line, isInteger }]
          : [],
      ),
      warnings: warnings.map(({ start, message }) => noteAt(start, message)),
    }
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    return { problem: noteAt(error.start, describe(error, placeholders)) }
  }
}

/** What looks like a placeholder and is none, so that it stays as it is: a slip of the pen, or meant for another program. */
export function findUnknownNames(text: string, parameters: Readonly<Record<string, ParameterType>>): ScriptNote[] {
  const unknown = findUnknownPlaceholders(text, makeScriptNames(parameters))
  if (unknown.length === 0) return []
  const noteAt = createNotes(text)
  return unknown.map(({ name, start }) =>
    noteAt(start, `{{ ${name} }} is neither a declared parameter nor a built-in, so it stays as it is`),
  )
}

function renderIn(
  dialect: 'sh' | 'bash' | 'powershell',
  text: string,
  names: ScriptNames,
  placeholders: readonly Placeholder[],
): ReturnType<typeof renderShellEdits> {
  const rendered =
    dialect === 'powershell'
      ? renderPowershellEdits(text, placeholders)
      : renderShellEdits(text, dialect, names, placeholders)
  const missed = placeholders.find(({ start }) => !rendered.met.has(start))
  // Whatever the lexer passed over without looking at it is not known.
  if (missed) throw new TemplateFault(missed.start, 'it cannot be told what the script makes of it there')
  return rendered
}

/** With the placeholder that stands there, or that it keeps from being written. */
function describe({ start, message }: TemplateFault, placeholders: readonly Placeholder[]): string {
  const placeholder = placeholders.find((one) => one.start === start)
  if (placeholder) return `{{ ${placeholder.name} }} cannot be written as a value: ${message}`
  const { name, variable } = placeholders.find((one) => one.start > start) ?? placeholders.at(-1)!
  return `${message}, so {{ ${name} }} cannot be written as a value; use the environment variable ${variable}`
}

/** Lines are counted once, whatever the number of notes. */
function createNotes(text: string) {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (start: number, message: string): ScriptNote => {
    let low = 0
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= start) low = middle
      else high = middle
    }
    return { line: low + 1, column: start - (starts[low] ?? 0) + 1, message }
  }
}
