import { scanDouble } from './shell-quotes.ts'
import { fault, requireIntegers, type Shell, takeEscape, takePlaceholder } from './shell-state.ts'

/**
 * From behind the opening of something that is calculated past its end: `))` of an expression, `]` of a subscript, `}` of a substring.
 * False, and as if nothing had been, if a single `)` ends it: then it was two parentheses. Values are evaluated there as code, so only
 * whole numbers may be.
 */
export function scanArithmetic(shell: Shell, closer: '))' | ']' | '}'): boolean {
  const { text, script } = shell
  const start = shell.at
  const first = script.edits.length
  let open = 0
  for (;;) {
    if (takePlaceholder(shell, 'arithmetic')) continue
    const character = text[shell.at]
    if (character === undefined) {
      if (closer === '))') return giveUp(shell, start, first)
      throw fault(shell, start, `what is calculated here is not closed by ${closer}`)
    }
    if (open === 0 && text.startsWith(closer, shell.at)) break
    if (closer === '))' && open === 0 && character === ')') return giveUp(shell, start, first)
    scanTerm(shell, closer === '))')
    if (character === (closer === ']' ? '[' : '(')) open++
    if (character === (closer === ']' ? ']' : ')')) open--
  }
  shell.at += closer.length
  requireIntegers(shell, first, 'where the shell calculates')
  return true
}

function scanTerm(shell: Shell, isWhole: boolean): void {
  switch (shell.text[shell.at] ?? '') {
    case '\\':
      return takeEscape(shell)
    case '$':
      return shell.script.grammar.scanDollar(shell, 'double')
    case '`':
      return shell.script.grammar.scanBackquotes(shell, 'double')
    case '"':
      return scanDouble(shell)
    case "'":
      if (isWhole) return scanPlainQuotes(shell)
      throw fault(shell, shell.at, 'single quotes where the shell calculates are read differently by shells')
    default:
      shell.at++
  }
}

/** Perhaps a subshell, whose quotes are quotes; in an expression they mean nothing that anyone agrees on. */
function scanPlainQuotes(shell: Shell): void {
  const end = shell.text.indexOf("'", shell.at + 1)
  if (end < 0) throw fault(shell, shell.at, 'the single quote is not closed')
  shell.at = end + 1
}

/** Each `((` in another one doubles what is looked at, so a short script could keep whoever reads it busy for days. */
const maxRescanned = 1_048_576

function giveUp(shell: Shell, start: number, first: number): false {
  shell.script.rescanned += shell.at - start
  if (shell.script.rescanned > maxRescanned)
    throw fault(shell, start, 'too much of it could be read in two ways; write ( ( for subshells')
  for (const { start: place } of shell.script.edits.splice(first)) shell.script.met.delete(place)
  shell.at = start
  return false
}
