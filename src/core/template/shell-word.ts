import { findPlaceholders } from './placeholder.ts'
import { scanBackquotes, scanDollar, scanNested } from './shell-expansion.ts'
import { scanDouble, scanSingle } from './shell-quotes.ts'
import { fault, nest, refuseEdits, requireIntegers, type Shell, takeEscape, takePlaceholder } from './shell-state.ts'

export interface Word {
  readonly start: number
  /** As it is written, quotes and all, but for continued lines. */
  readonly raw: string
  /** Which of the replaced things are its own. */
  readonly firstEdit: number
  readonly endEdit: number
  /** `name=…` or `name[…]=…` where an assignment may stand: behind nothing but assignments. */
  readonly isAssignment: boolean
  /** A `[` in it, out of quotes, has no `]`. */
  readonly isOpen: boolean
}

export function skipBlanks(shell: Shell): void {
  const { text } = shell
  for (;;) {
    if (text[shell.at] === ' ' || text[shell.at] === '\t') shell.at++
    else if (text[shell.at] === '\\' && text[shell.at + 1] === '\n') shell.at += 2
    else return
  }
}

/** What is commented out stays as it is. */
export function skipComment(shell: Shell): void {
  const { text, script, placeOf } = shell
  const line = text.indexOf('\n', shell.at)
  const end = line < 0 ? text.length : line
  for (const { start } of findPlaceholders(text.slice(shell.at, end), script.names))
    script.met.add(placeOf(shell.at + start))
  shell.at = end
}

const assignment = /^[A-Za-z_][A-Za-z0-9_]*(?:\[.*\])?\+?=/s
const assignsList = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=$/
/** What is longer is no name: so that looking at it again costs little. */
const maxNameLength = 256
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * One word, up to a blank or an operator.
 * @param before the words of its command so far
 * @param isPattern whether it is the right side of =~, where parentheses are a part of it
 */
export function scanWord(shell: Shell, before: readonly Word[], isPattern = false): Word {
  const { text, script } = shell
  const start = shell.at
  const firstEdit = script.edits.length
  const mayAssign = before.at(-1)?.isAssignment ?? true
  const begins = (pattern: RegExp) => shell.at - start <= maxNameLength && pattern.test(text.slice(start, shell.at))
  let bracket: number | undefined
  let open = 0
  const endBracket = () => {
    if (bracket !== undefined) requireIntegers(shell, bracket, 'in the subscript of an array')
    bracket = undefined
  }
  while (shell.at < text.length) {
    if (shell.placeholders.has(shell.at)) assertNoSequence(shell, start)
    if (takePlaceholder(shell, 'bare')) continue
    const character = text[shell.at] ?? ''
    if (character === '[') open++
    if (character === ']') open--
    if (character === '(') {
      if (begins(assignsList)) nest(shell, () => scanArray(shell))
      else if (/[?*+@!]/.test(text[shell.at - 1] ?? '') && shell.at > start) scanGroup(shell)
      else if (isPattern) scanGroup(shell)
      else break
    } else if (/[<>]/.test(character) && text[shell.at + 1] === '(' && !isPattern) {
      const from = shell.at
      shell.at += 2
      scanNested(shell, from)
    } else if (isPattern && (character === '|' || character === '<' || character === '>')) shell.at++
    else if (/[ \t\n;&|<>)]/.test(character)) break
    else if (character === '[' && mayAssign && bracket === undefined && begins(variable)) {
      bracket = script.edits.length
      shell.at++
    } else if (character === ']' && /^\+?=/.test(text.slice(shell.at + 1, shell.at + 3))) {
      endBracket()
      shell.at++
    } else scanPiece(shell)
  }
  // A subscript may go on behind a blank.
  endBracket()
  const raw = text.slice(start, shell.at).replaceAll('\\\n', '')
  const isAssignment = mayAssign && assignment.test(raw)
  return { start, raw, firstEdit, endEdit: script.edits.length, isAssignment, isOpen: open > 0 }
}

/** Bash makes `{1..3}` a sequence before it looks what a variable holds, so of a reference it would make none and say nothing. */
function assertNoSequence(shell: Shell, start: number): void {
  const { text, at, placeholders } = shell
  const before = text.slice(Math.max(start, at - 64), at)
  const end = placeholders.get(at)?.end ?? at
  if (/\{[^{}]*\.\.$/.test(before) || (before.endsWith('{') && text.startsWith('..', end)))
    throw fault(shell, at, 'bash makes no sequence of a value; write $(seq …) for it')
}

/** One quoted, expanded, escaped or plain piece of a word. */
function scanPiece(shell: Shell): void {
  switch (shell.text[shell.at] ?? '') {
    case '\\':
      return takeEscape(shell)
    case "'":
      return scanSingle(shell)
    case '"':
      return scanDouble(shell)
    case '$':
      return scanDollar(shell, 'bare')
    case '`':
      return scanBackquotes(shell, 'bare')
    default:
      shell.at++
  }
}

/** `@(a|b)` and the like, and the parentheses of a regular expression: patterns, in which a placeholder is quoted as anywhere. */
function scanGroup(shell: Shell): void {
  const { text } = shell
  const start = shell.at
  const first = shell.script.edits.length
  let hasBlank = false
  nest(shell, () => {
    shell.at++
    for (;;) {
      if (takePlaceholder(shell, 'bare')) continue
      const character = text[shell.at]
      if (character === undefined || character === '\n') throw fault(shell, start, 'this ( is not closed')
      if (character === ')') break
      if (character === ' ' || character === '\t') hasBlank = true
      if (character === '(') scanGroup(shell)
      else scanPiece(shell)
    }
    shell.at++
  })
  // Perhaps no pattern, but commands or a condition.
  if (hasBlank) refuseEdits(shell, first, 'in a pattern with blanks')
}

/** The values of `name=(…)`. */
function scanArray(shell: Shell): void {
  const { text, script } = shell
  const start = shell.at
  shell.at++
  for (;;) {
    skipBlanks(shell)
    const character = text[shell.at]
    if (character === undefined) throw fault(shell, start, 'the list is not closed')
    if (character === ')') break
    if (character === '\n') {
      if (shell.pending.length > 0)
        throw fault(shell, start, 'a line ends in it while a here-document waits for its body')
      shell.at++
    } else if (character === '#') skipComment(shell)
    else {
      const first = script.edits.length
      const word = scanWord(shell, [])
      if (shell.at === word.start) throw fault(shell, shell.at, 'it cannot be told what this is in a list')
      if (word.isOpen && word.raw.startsWith('['))
        throw fault(shell, word.start, 'a blank in a subscript is read differently by different shells')
      if (word.raw.startsWith('[')) requireIntegers(shell, first, 'in the subscript of an array')
    }
  }
  shell.at++
}
