import { findPlaceholders, type Placeholder, type ScriptNames } from './placeholder.ts'
import type { TemplateEdit, TemplateWarning } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/** A here-document whose body begins after the end of the line. Places are those of the shell's own text. */
export interface HereDocument {
  readonly delimiter: string
  readonly isQuoted: boolean
  readonly stripsTabs: boolean
  readonly wordStart: number
  readonly wordEnd: number
}

/** What the parts of the lexer share: where it is, and what it found. */
export interface Shell {
  readonly text: string
  /** From a place in `text` to the script's: they differ in what is looked at apart, such as the inside of backquotes. */
  readonly placeOf: (index: number) => number
  readonly script: ShellScript
  /** Placeholders of `text` by their start. */
  readonly placeholders: ReadonlyMap<number, Placeholder>
  readonly isInBackquotes: boolean
  at: number
  pending: HereDocument[]
}

/** What is around an expansion: nothing, double quotes, or the body of a here-document. */
export type Surrounding = 'bare' | 'double' | 'here'

/** How a list of commands ends: with the text, with `)`, or with `;;` or `esac`. */
export type ListEnd = 'end' | 'parenthesis' | 'clause'

/** What every part of the language may hold: files that are below these reach them through here. */
export interface ShellGrammar {
  /** True if `esac` ended a clause. */
  readonly scanCommands: (shell: Shell, end: ListEnd) => boolean
  /** From a `$` to the end of what it expands. */
  readonly scanDollar: (shell: Shell, around: Surrounding) => void
  /** From a backquote past the one that closes it. */
  readonly scanBackquotes: (shell: Shell, around: Surrounding) => void
}

/** The same for a script and all that is looked at apart. */
export interface ShellScript {
  readonly dialect: 'sh' | 'bash'
  readonly grammar: ShellGrammar
  readonly names: ScriptNames
  readonly edits: TemplateEdit[]
  readonly warnings: TemplateWarning[]
  /** Starts of the placeholders that were met, in the script. */
  readonly met: Set<number>
  readonly lastPlaceholder: number
  /** Variables that are declared as numbers, references or lists: bash calculates with what they are given. */
  readonly calculated: Set<string>
  /** What variables are given placeholders, and the first of these. */
  readonly assigned: Map<string, TemplateEdit>
  depth: number
  /** Characters looked at in vain so far. */
  rescanned: number
}

export function createShell(
  script: ShellScript,
  text: string,
  placeOf: (index: number) => number,
  isInBackquotes: boolean,
): Shell {
  const placeholders = new Map(findPlaceholders(text, script.names).map((found) => [found.start, found]))
  return { text, placeOf, script, placeholders, isInBackquotes, at: 0, pending: [] }
}

/** More than anybody nests by hand; each level costs stack, and here-documents and `((` cost their length again. */
const maxDepth = 48

export function nest<T>(shell: Shell, scan: () => T): T {
  const { script } = shell
  if (script.depth >= maxDepth) throw fault(shell, shell.at, `the script nests more than ${maxDepth} levels deep`)
  script.depth++
  const result = scan()
  script.depth--
  return result
}

export const fault = (shell: Shell, index: number, message: string) => new TemplateFault(shell.placeOf(index), message)

export const has = (shell: Shell, text: string) => shell.text.startsWith(text, shell.at)

/** How a reference is written so that it is one value there. */
const forms = {
  bare: (variable: string) => `"\${${variable}}"`,
  double: (variable: string) => `\${${variable}}`,
  single: (variable: string) => `'"\${${variable}}"'`,
  dollarSingle: (variable: string) => `'"\${${variable}}"$'`,
  // In brackets: a negative number must not meet another sign.
  arithmetic: (variable: string) => `(\${${variable}})`,
} as const
export type ReferenceForm = keyof typeof forms

/** Replaces the placeholder that begins here, if one does. */
export function takePlaceholder(shell: Shell, form: ReferenceForm): boolean {
  const placeholder = shell.placeholders.get(shell.at)
  if (!placeholder) return false
  const { placeOf, script } = shell
  const start = placeOf(placeholder.start)
  const end = placeOf(placeholder.end - 1) + 1
  script.met.add(start)
  script.edits.push({ start, end, text: forms[form](placeholder.variable), placeholder, isInteger: false })
  shell.at = placeholder.end
  return true
}

/** Before a character that takes the next one with it. */
export function assertNoPlaceholderAt(shell: Shell, index: number, what: string): void {
  if (shell.placeholders.has(index))
    throw fault(shell, index, `${what} stands directly before it, and would make something else of the value`)
}

/** A shell joins the lines before it looks, so that `$`, a backslash and a `(` on the next line are `$(`. */
export function assertNoContinuation(shell: Shell, length: number, what: string): void {
  if (shell.text.startsWith('\\\n', shell.at + length))
    throw fault(shell, shell.at, `the line is continued directly behind ${what}; put the backslash somewhere else`)
}

/** A backslash and the character that it takes with it. */
export function takeEscape(shell: Shell): void {
  assertNoPlaceholderAt(shell, shell.at + 1, 'a backslash')
  shell.at += 2
}

/** Says of everything replaced since `first` that it is calculated with. Arithmetic runs what a text holds: `a[$(command)]`. */
export function requireIntegers(shell: Shell, first: number, place: string): void {
  for (const edit of shell.script.edits.slice(first)) {
    if (!edit.placeholder) continue
    if (edit.placeholder.type !== 'Number')
      throw new TemplateFault(
        edit.start,
        `it stands ${place}, where the shell takes a text for code; only a parameter of type Number can stand there`,
      )
    edit.isInteger = true
  }
}

/** What was replaced since `first`, or `undefined`. */
export const firstEditSince = (shell: Shell, first: number): TemplateEdit | undefined => shell.script.edits[first]

export function refuseEdits(shell: Shell, first: number, place: string): void {
  const edit = firstEditSince(shell, first)
  if (edit)
    throw new TemplateFault(edit.start, `it stands ${place}, where it cannot be told what the shell would make of it`)
}
