import { scanArithmetic } from './shell-arithmetic.ts'
import { noteValue } from './shell-names.ts'
import { scanDollarSingle, scanDouble, scanSingle } from './shell-quotes.ts'
import {
  assertNoContinuation,
  assertNoPlaceholderAt,
  createShell,
  fault,
  has,
  nest,
  refuseEdits,
  type Shell,
  type Surrounding,
  takeEscape,
  takePlaceholder,
} from './shell-state.ts'

/** From a `$` to the end of what it expands. */
export function scanDollar(shell: Shell, around: Surrounding): void {
  const { text, at, script } = shell
  assertNoPlaceholderAt(shell, at + 1, 'a dollar sign')
  assertNoContinuation(shell, 1, 'a dollar sign')
  const next = text[at + 1] ?? ''
  if (next === '(') return scanSubstitution(shell)
  if (next === '{') return nest(shell, () => scanBraces(shell, around))
  if (next === '[') throw fault(shell, at, '$[ is read differently by different shells; write $(( ))')
  if (next === "'" && around === 'bare') return scanDollarSingle(shell)
  if (next === '"' && around === 'bare') {
    const first = script.edits.length
    shell.at++
    scanDouble(shell)
    return refuseEdits(shell, first, 'in $"…"')
  }
  const name = /\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])?/y
  name.lastIndex = at
  shell.at += name.exec(text)?.[0].length ?? 1
}

/** `$(…)`, `$((…))`. */
function scanSubstitution(shell: Shell): void {
  const start = shell.at
  if (has(shell, '$((')) {
    shell.at += 3
    if (nest(shell, () => scanArithmetic(shell, '))'))) return
    if (shell.script.dialect === 'sh')
      throw fault(shell, start, '$(( does not end in )) here, which shells read differently; write $( (')
    shell.at = start
  }
  shell.at += 2
  scanNested(shell, start)
}

/** Commands up to the parenthesis that closes them, with here-documents of their own. */
export function scanNested(shell: Shell, start: number): void {
  const outer = shell.pending
  shell.pending = []
  nest(shell, () => shell.script.grammar.scanCommands(shell, 'parenthesis'))
  if (outer.length > 0 && shell.text.slice(start, shell.at).includes('\n'))
    throw fault(shell, start, 'a line ends in it while a here-document waits for its body')
  shell.pending = outer
}

const parameter = /(?:[!#](?=[A-Za-z0-9_@*#?$!-]))?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/y

/** From `${` to its `}`. */
function scanBraces(shell: Shell, around: Surrounding): void {
  const { text, script } = shell
  const start = shell.at
  shell.at += 2
  parameter.lastIndex = shell.at
  const name = parameter.exec(text)?.[0]
  if (name === undefined || shell.placeholders.has(shell.at))
    throw fault(shell, start, 'it cannot be told what ${ expands here')
  shell.at += name.length
  if (text[shell.at] === '[') {
    shell.at++
    if (!scanArithmetic(shell, ']')) throw fault(shell, start, 'the subscript does not end')
  }
  const operator = /:?[-=?+]|##?|%%?|:/y
  operator.lastIndex = shell.at
  const found = operator.exec(text)?.[0]
  shell.at += found?.length ?? 0
  if (found === ':') {
    if (!scanArithmetic(shell, '}')) throw fault(shell, start, '${ does not end')
    return
  }
  const first = script.edits.length
  scanBraceWord(shell, start, around, found?.startsWith('#') || found?.startsWith('%') ? 'pattern' : 'word')
  if (found?.endsWith('=')) noteValue(script, name, first, script.edits.length)
  if (found === undefined) refuseEdits(shell, first, 'in an expansion that changes a value')
}

/** The word of `${x:-word}` or the pattern of `${x#pattern}`, up to the `}`. Quotes count for a pattern, also inside quotes. */
function scanBraceWord(shell: Shell, start: number, around: Surrounding, kind: 'word' | 'pattern'): void {
  const { text } = shell
  const quoted = around !== 'bare'
  const form = quoted && kind === 'word' ? 'double' : 'bare'
  for (;;) {
    if (around === 'here' && kind === 'pattern' && shell.placeholders.has(shell.at))
      throw fault(shell, shell.at, 'it stands in a pattern in a here-document; put the expansion before it')
    if (takePlaceholder(shell, form)) continue
    const character = text[shell.at]
    if (character === undefined) throw fault(shell, start, '${ does not end')
    if (character === '}') break
    if (character === '\\') takeEscape(shell)
    else if (character === '$') scanDollar(shell, around)
    else if (character === '`') scanBackquotes(shell, around)
    else if (character === '"' || character === "'") scanQuoteInBraces(shell, around, kind)
    else if (!quoted && /^[<>]\(/.test(text.slice(shell.at, shell.at + 2)))
      throw fault(shell, shell.at, 'it cannot be told what this is inside ${ }')
    else shell.at++
  }
  shell.at++
}

function scanQuoteInBraces(shell: Shell, around: Surrounding, kind: 'word' | 'pattern'): void {
  const { text, at } = shell
  if (around === 'here') throw fault(shell, at, 'quotes inside ${ } in a here-document are read differently by shells')
  if (text[at] === '"') return scanDouble(shell)
  if (around === 'bare' || kind === 'pattern') return scanSingle(shell)
  // Shells differ in whether these are quotes. Where it makes no difference they are text.
  const plain = /'[^'"`$\\{}\n]*'/y
  plain.lastIndex = at
  const found = plain.exec(text)
  if (!found) throw fault(shell, at, 'single quotes inside ${ } inside double quotes are read differently by shells')
  shell.at += found[0].length
}

/** `…` in backquotes: commands again, once the backslashes that they need there are taken away. */
export function scanBackquotes(shell: Shell, around: Surrounding): void {
  const { text } = shell
  const start = shell.at
  const characters: string[] = []
  const places: number[] = []
  let at = start + 1
  for (; text[at] !== '`'; at++) {
    if (at >= text.length) throw fault(shell, start, 'the backquote is not closed')
    if (text[at] === '\\') {
      const next = text[at + 1] ?? ''
      const isTaken = next === '$' || next === '`' || next === '\\' || (next === '"' && around === 'double')
      if (next === '"' && around === 'here')
        throw fault(shell, at, '\\" in backquotes in a here-document is read differently by shells; write $( )')
      if (!isTaken) {
        characters.push('\\')
        places.push(at)
      }
      at++
    }
    characters.push(text[at] ?? '')
    places.push(at)
  }
  if (shell.pending.length > 0 && characters.includes('\n'))
    throw fault(shell, start, 'a line ends in it while a here-document waits for its body')
  const placeOf = (index: number) => shell.placeOf(places[index] ?? at)
  const inner = createShell(shell.script, characters.join(''), placeOf, true)
  nest(shell, () => shell.script.grammar.scanCommands(inner, 'end'))
  shell.at = at + 1
}
