import type { Placeholder } from './placeholder.ts'
import type { TemplateEdit } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/**
 * Rewrites placeholders of a PowerShell script (about_Quoting_Rules, about_Parsing,
 * about_Special_Characters), E = env:CHANDLER_PARAM_x. Three positions are accepted; every other
 * one is refused, with its position:
 *
 *   word           tool --port {{ x }}      "${E}"    a whole word, because a leading
 *                                                     quoted part ends the word
 *   double quotes  "a{{ x }}"               ${E}      in statements that run no code
 *   here-string    @"…"@                    ${E}
 *   (comment       # {{ x }}                left alone)
 *
 * PowerShell treats typographic quotes as plain ones, and so does this function.
 * @throws TemplateFault
 */
export function renderPowershellEdits(
  text: string,
  placeholders: readonly Placeholder[],
): { readonly edits: readonly TemplateEdit[]; readonly met: ReadonlySet<number> } {
  const source: Powershell = {
    text,
    at: 0,
    depth: 0,
    plain: 0,
    placeholders: new Map(placeholders.map((placeholder) => [placeholder.start, placeholder])),
    last: placeholders.at(-1)?.start ?? -1,
    edits: [],
    met: new Set(),
  }
  scanCode(source, undefined)
  for (const { start, placeholder } of source.edits) {
    const line = text.slice(text.lastIndexOf('\n', start) + 1).split('\n', 1)[0] ?? ''
    const found = runsText.exec(line)
    if (found && placeholder.type === 'String')
      throw new TemplateFault(start, `in a line with ${found[0]}, which takes code`)
  }
  return source
}

/** Commands that run a text as code; a Number or Boolean cannot be code. */
const runsText =
  /\b(?:iex|icm|Invoke-(?:Expression|Command)|InvokeScript|ExpandString|scriptblock|Add-Type|Start-Process|cmd|powershell|pwsh|wsl|bash|sh|python\d*|perl|node|ssh)\b/i

interface Powershell {
  readonly text: string
  readonly placeholders: ReadonlyMap<number, Placeholder>
  readonly last: number
  readonly edits: TemplateEdit[]
  readonly met: Set<number>
  at: number
  depth: number
  /** Up to here every # is known to be a comment or not, so that lines are scanned once. */
  plain: number
}

const singleQuotes = "'\u2018\u2019\u201a\u201b"
const doubleQuotes = '"\u201c\u201d\u201e'
const maxDepth = 64
const reference = ({ variable }: Placeholder) => `\${env:${variable}}`

function take(source: Powershell, placeholder: Placeholder, text: string): void {
  source.met.add(placeholder.start)
  source.edits.push({ start: placeholder.start, end: placeholder.end, text, placeholder })
  source.at = placeholder.end
}

function refuseBefore(source: Powershell, what: string): void {
  if (source.placeholders.has(source.at + 1)) throw new TemplateFault(source.at + 1, `directly behind ${what}`)
}

/** Scans code up to the closing parenthesis, or to the end. */
function scanCode(source: Powershell, opened: number | undefined): void {
  const { text } = source
  if (++source.depth > maxDepth) throw new TemplateFault(source.at, `more than ${maxDepth} levels`)
  for (;;) {
    const placeholder = source.placeholders.get(source.at)
    if (placeholder) {
      takeBare(source, placeholder)
      continue
    }
    const character = text[source.at]
    if (character === undefined || (opened === undefined && source.at > source.last)) {
      if (opened !== undefined) throw new TemplateFault(opened, 'the parenthesis is not closed')
      break
    }
    if (character === ')' && opened !== undefined) {
      source.at++
      break
    }
    scanPiece(source, character)
  }
  source.depth--
}

function scanPiece(source: Powershell, character: string): void {
  const { text, at } = source
  if (character === '(') {
    source.at++
    scanCode(source, at)
  } else if (text.startsWith('<#', at)) {
    skipComment(source, text.indexOf('#>', at + 2), 2, 'the comment is not closed')
  } else if (character === '#') scanHash(source)
  else if (character === '@' && isOneOf(text[at + 1], singleQuotes)) scanHereString(source, 'single')
  else if (character === '@' && isOneOf(text[at + 1], doubleQuotes)) scanHereString(source, 'double')
  else if (isOneOf(character, singleQuotes)) scanSingle(source)
  else if (isOneOf(character, doubleQuotes)) scanDouble(source)
  else if (character === '$') scanDollar(source)
  else if (character === '@') {
    refuseBefore(source, 'an @')
    source.at++
  } else if (character === '`') {
    refuseBefore(source, 'a backtick')
    source.at += 2
  } else if (text.startsWith('--%', at) && /\s/.test(text[at + 3] ?? ' ')) skipVerbatim(source)
  else source.at++
}

const isOneOf = (character: string | undefined, set: string) => character !== undefined && set.includes(character)

function takeBare(source: Powershell, placeholder: Placeholder): void {
  const { text } = source
  const refuse = (reason: string) => {
    throw new TemplateFault(placeholder.start, `${reason}; put it into double quotes`)
  }
  if (placeholder.type === 'Boolean')
    refuse('outside of quotes, where "false" counts as true: compare it, as in "{{ x }}" -eq "true"')
  const rest = text.slice(placeholder.end, placeholder.end + 64)
  if (!/^(?:$|[\s;|),}])/.test(rest)) refuse('where what follows would not belong to the same word')
  const isCalculated =
    /^[ \t]*(?:[+*/%]|-[ \t]|-[ci]?(?:eq|ne|lt|le|gt|ge|band|bor|bxor|shl|shr)\b|\.\.)/i.test(rest) ||
    /(?:[+*/%]|-|-[ci]?(?:lt|le|gt|ge|band|bor|bxor|shl|shr)|\.\.)[ \t]+$/i.test(
      text.slice(Math.max(0, placeholder.start - 64), placeholder.start),
    )
  if (isCalculated) refuse('in a calculation, which would be one of texts: write [int]"{{ x }}"')
  take(source, placeholder, `"${reference(placeholder)}"`)
}

/**
 * A comment if a word may begin here; otherwise possibly part of a word, depending on whether it is
 * an expression.
 */
function scanHash(source: Powershell): void {
  const { text, at } = source
  const isFirst = at === 0 || /[\s;{}(),|&]/.test(text[at - 1] ?? '')
  if (!isFirst && at < source.plain) {
    source.at++
    return
  }
  const line = text.indexOf('\n', at)
  const end = line < 0 ? text.length : line
  if (isFirst) return skipComment(source, end, 0, '')
  if (/["'{\u2018-\u201e]/.test(text.slice(at, end)))
    throw new TemplateFault(at, 'a # inside a word; put a blank before it')
  source.plain = end
  source.at++
}

function skipComment(source: Powershell, end: number, length: number, message: string): void {
  if (end < 0) throw new TemplateFault(source.at, message)
  skip(source, end)
  source.at = end + length
}

/** Skips text without changes. */
function skip(source: Powershell, end: number): void {
  for (; source.at < end; source.at++) {
    const placeholder = source.placeholders.get(source.at)
    if (placeholder && placeholder.end <= end) source.met.add(placeholder.start)
  }
}

function skipVerbatim(source: Powershell): void {
  const line = source.text.indexOf('\n', source.at)
  refuseUpTo(source, line < 0 ? source.text.length : line, 'behind --%, where nothing is expanded')
}

/** `$name`, `${name}`, `$(…)`. */
function scanDollar(source: Powershell): void {
  const { text, at } = source
  refuseBefore(source, 'a dollar sign')
  if (text[at + 1] === '(') {
    source.at += 2
    return scanCode(source, at)
  }
  if (text[at + 1] === '{') {
    const name = /\$\{(?:[^`{}]|`.)*\}/sy
    name.lastIndex = at
    const found = name.exec(text)
    if (!found) throw new TemplateFault(at, 'a ${ without an end')
    source.at += found[0].length
  } else source.at += isOneOf(text[at + 1], '$^?') ? 2 : 1
}

function scanDouble(source: Powershell): void {
  const { text } = source
  const start = source.at++
  for (;;) {
    if (takeInside(source)) continue
    const character = text[source.at]
    if (character === undefined) throw new TemplateFault(start, 'the double quote is not closed')
    if (isOneOf(character, doubleQuotes)) {
      source.at++
      if (!isOneOf(text[source.at], doubleQuotes)) return
      source.at++
    } else scanInside(source, character)
  }
}

function takeInside(source: Powershell): boolean {
  const placeholder = source.placeholders.get(source.at)
  if (placeholder) take(source, placeholder, reference(placeholder))
  return placeholder !== undefined
}

function scanInside(source: Powershell, character: string): void {
  if (character === '$') return scanDollar(source)
  if (character === '`') {
    refuseBefore(source, 'a backtick')
    source.at++
  }
  source.at++
}

function scanSingle(source: Powershell): void {
  const { text, at: start } = source
  let end = start + 1
  for (; ; end++) {
    if (end >= text.length) throw new TemplateFault(start, 'the single quote is not closed')
    if (!isOneOf(text[end], singleQuotes)) continue
    if (!isOneOf(text[end + 1], singleQuotes)) break
    end++
  }
  refuseUpTo(source, end + 1, 'in single quotes')
}

/** `@'` or `@"` at the end of a line, to a line that begins with the same quote and `@`. */
function scanHereString(source: Powershell, kind: 'single' | 'double'): void {
  const { text, at: start } = source
  const head = /@.[ \t]*\r?\n/y
  head.lastIndex = start
  const opening = head.exec(text)
  if (!opening) throw new TemplateFault(start, 'a here-string that does not begin on a line of its own')
  const from = start + opening[0].length
  const end = new RegExp(`\\n[${kind === 'single' ? singleQuotes : doubleQuotes}]@`, 'g')
  end.lastIndex = from - 1
  const closing = end.exec(text)
  if (!closing) throw new TemplateFault(start, 'the here-string is not closed')
  const to = Math.max(from, closing.index)
  if (kind === 'single') return refuseUpTo(source, closing.index + 3, "in a here-string of single quotes (@')")
  source.at = from
  while (source.at < to) {
    if (!takeInside(source)) scanInside(source, text[source.at] ?? '')
  }
  if (source.at > to) throw new TemplateFault(start, 'it is not certain where this here-string ends')
  source.at = closing.index + 3
}

/** For text in which nothing is expanded. */
function refuseUpTo(source: Powershell, end: number, where: string): void {
  for (; source.at < end; source.at++) if (source.placeholders.has(source.at)) throw new TemplateFault(source.at, where)
}
