import type { ParameterType } from '../extension/extension.ts'
import type { OsFamily } from '../instance/facts.ts'
import { findPlaceholders, findUnknownPlaceholders, makeScriptNames, type Placeholder } from './placeholder.ts'
import { renderPowershellEdits } from './render-powershell.ts'
import { renderShellEdits } from './render-shell.ts'
import { batchFile, findScriptDialect } from './script-dialect.ts'
import { applyEdits } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/** A position in a script, counted from 1; columns in UTF-16 units. */
export interface ScriptNote {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** A placeholder that was rewritten, with its line. */
export interface ScriptReference extends Pick<Placeholder, 'name' | 'variable'> {
  readonly line: number
}

/** The rewritten script with its references. */
export interface RenderedScript {
  readonly text: string
  readonly references: readonly ScriptReference[]
}

/**
 * Rewrites `{{ name }}` in a script to references to environment variables (OOS and Cloud Assistant
 * insert the value itself). The value is never part of the text, so it arrives byte for byte, as
 * one word. Only positions that a small grammar proves are accepted (render-shell.ts,
 * render-powershell.ts). Names that are neither declared nor built-in are unchanged.
 * @param parameters that the script's version declares
 */
export function renderScript(
  text: string,
  os: OsFamily,
  parameters: Readonly<Record<string, ParameterType>>,
): RenderedScript | { readonly problem: ScriptNote } {
  if (!text.includes('{{')) return { text, references: [] }
  const names = makeScriptNames(parameters)
  const placeholders = findPlaceholders(text, names)
  const [first] = placeholders
  if (!first) return { text, references: [] }
  const noteAt = createNotes(text)
  const found = findScriptDialect(text, os)
  if ('interpreter' in found) {
    const message = `{{ ${first.name} }} is refused in a script for ${found.interpreter}; use the environment variable ${first.variable}${hintFor(found.interpreter, first.variable)}`
    return { problem: noteAt(first.start, message) }
  }
  try {
    const { edits, met } =
      found.dialect === 'powershell' ? renderPowershellEdits(text, placeholders) : renderShellEdits(text, placeholders)
    const missed = placeholders.find(({ start }) => !met.has(start))
    if (missed) throw new TemplateFault(missed.start, 'where it is part of something else')
    return {
      text: applyEdits(text, edits),
      references: edits.map(({ placeholder: { name, variable }, start }) => ({
        name,
        variable,
        line: noteAt(start, '').line,
      })),
    }
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    const variable = found.dialect === 'powershell' ? '$env:' : '$'
    return { problem: noteAt(error.start, describe(error, placeholders, variable)) }
  }
}

/** cmd inserts the value of %NAME% before it parses the line, so that `&` in a value begins a command. */
const hintFor = (interpreter: string, variable: string) =>
  interpreter === batchFile ? ` as !${variable}!, after setlocal EnableDelayedExpansion` : ''

/**
 * Finds braces around unknown names, which remain as they are: a typing error, or intended for
 * another program.
 */
export function findUnknownNames(text: string, parameters: Readonly<Record<string, ParameterType>>): ScriptNote[] {
  const unknown = findUnknownPlaceholders(text, makeScriptNames(parameters))
  if (unknown.length === 0) return []
  const noteAt = createNotes(text)
  return unknown.map(({ name, start }) =>
    noteAt(start, `{{ ${name} }} is neither a declared parameter nor a built-in, so it stays as it is`),
  )
}

/**
 * Includes the placeholder at that position, or the next one, which cannot be parsed because of it.
 */
function describe({ start, message }: TemplateFault, placeholders: readonly Placeholder[], prefix: string): string {
  const placeholder = placeholders.find((one) => one.start === start)
  if (placeholder) return `{{ ${placeholder.name} }} is refused ${message}; use ${prefix}${placeholder.variable}`
  const { name, variable } = placeholders.find((one) => one.start > start) ?? placeholders.at(-1)!
  return `${message}: {{ ${name} }} cannot be placed with certainty; use ${prefix}${variable}`
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
