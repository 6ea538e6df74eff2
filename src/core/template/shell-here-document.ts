import { findPlaceholders } from './placeholder.ts'
import { createShell, fault, type HereDocument, nest, type Shell, takeEscape, takePlaceholder } from './shell-state.ts'

/** The word behind `<<`: what the body ends with. Nothing in it is expanded. */
export function scanHereOperator(shell: Shell, start: number, stripsTabs: boolean): void {
  const word = /(?:[^\s;&|<>()'"\\$`]|\\[^\n]|'[^'\n]*'|"[^"\\$`\n]*")+/y
  word.lastIndex = shell.at
  const raw = word.exec(shell.text)?.[0] ?? ''
  const end = shell.at + raw.length
  if (raw === '' || /[$`"'\\]/.test(shell.text[end] ?? '') || shell.placeholders.has(shell.at) || raw.includes('{{'))
    throw fault(shell, start, 'it cannot be told what ends this here-document')
  const delimiter = raw.replace(
    /\\(.)|'([^']*)'|"([^"]*)"/gs,
    (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
  )
  shell.pending.push({ delimiter, isQuoted: raw !== delimiter, stripsTabs, wordStart: shell.at, wordEnd: end })
  shell.at = end
}

/** At the beginning of a line: the bodies that begin here, past their ends. */
export function readHereDocuments(shell: Shell): void {
  const { pending } = shell
  if (pending.length === 0) return
  shell.pending = []
  for (const document of pending) {
    const { end, next } = findBodyEnd(shell, document)
    if (document.isQuoted) renderQuotedBody(shell, document, end)
    else scanBody(shell, end)
    shell.at = next
  }
}

function findBodyEnd(shell: Shell, { delimiter, isQuoted, stripsTabs, wordStart }: HereDocument) {
  const { text } = shell
  let isContinued = false
  for (let line = shell.at; line < text.length; ) {
    const newline = text.indexOf('\n', line)
    const end = newline < 0 ? text.length : newline
    const written = text.slice(line, end)
    const content = stripsTabs ? written.replace(/^\t+/, '') : written
    if (content === delimiter) {
      // A backslash joined it to the line before: shells differ in whether it ends the body.
      if (isContinued) throw fault(shell, line, 'a backslash stands before the end of this here-document')
      return { end: line, next: newline < 0 ? end : end + 1 }
    }
    isContinued = !isQuoted && countTrailingBackslashes(written) % 2 === 1
    if (isContinued && delimiter.startsWith(content.slice(0, -1)))
      throw fault(shell, line, 'a backslash stands before the end of this here-document')
    line = end + 1
  }
  throw fault(shell, wordStart, `the here-document is not closed by ${delimiter}`)
}

function countTrailingBackslashes(line: string): number {
  let count = 0
  while (line[line.length - 1 - count] === '\\') count++
  return count
}

/** A body whose delimiter is not quoted: expansions, and backslashes before them. */
function scanBody(shell: Shell, end: number): void {
  const { script, at: start } = shell
  const body = createShell(
    script,
    shell.text.slice(start, end),
    (index) => shell.placeOf(start + index),
    shell.isInBackquotes,
  )
  nest(shell, () => {
    while (body.at < body.text.length) {
      if (takePlaceholder(body, 'double')) continue
      const character = body.text[body.at]
      if (character === '\\') takeEscape(body)
      else if (character === '$') body.script.grammar.scanDollar(body, 'here')
      else if (character === '`') body.script.grammar.scanBackquotes(body, 'here')
      else body.at++
    }
  })
}

/**
 * A body whose delimiter is quoted: nothing is expanded in it. So that placeholders are, the delimiter loses its quotes, and all else that
 * would then mean something gets a backslash.
 */
function renderQuotedBody(shell: Shell, { delimiter, wordStart, wordEnd }: HereDocument, end: number): void {
  const start = shell.at
  const found = findPlaceholders(shell.text.slice(start, end), shell.script.names).map((one) => one.start + start)
  if (found.length === 0) return
  const [first = start] = found
  if (shell.isInBackquotes)
    throw fault(shell, first, 'it stands in a here-document in backquotes; write $( ) instead of them')
  if (!/^[A-Za-z0-9_.,:@%+-]+$/.test(delimiter))
    throw fault(
      shell,
      first,
      `the here-document ends with ${JSON.stringify(delimiter)}; end it with a plain word such as EOF`,
    )
  replace(shell, wordStart, wordEnd, delimiter)
  for (const place of found) {
    escapeBetween(shell, shell.at, place)
    shell.at = place
    takePlaceholder(shell, 'double')
  }
  escapeBetween(shell, shell.at, end)
}

function escapeBetween(shell: Shell, start: number, end: number): void {
  const written = shell.text.slice(start, end)
  const escaped = written.replace(/[\\$`]/g, '\\$&')
  if (escaped !== written) replace(shell, start, end, escaped)
}

function replace(shell: Shell, start: number, end: number, text: string): void {
  shell.script.edits.push({ start: shell.placeOf(start), end: shell.placeOf(end - 1) + 1, text, isInteger: false })
}
