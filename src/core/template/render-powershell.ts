import type { Placeholder } from './placeholder.ts'
import type { TemplateEdit, TemplateWarning } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/**
 * Placeholders of a PowerShell script (about_Quoting_Rules, about_Parsing, about_Special_Characters), E = env:CHANDLER_PARAM_x:
 *
 *   --port {{ x }}     "${E}"        a whole word, or the end of one: PowerShell ends a word behind a quote that begins it
 *   "a{{ x }}"         ${E}          also in @"…"@
 *   'a{{ x }}b'        "a${E}b"      the string becomes one that expands, and all else in it that would then mean something is escaped;
 *                                    so it is one value as an argument and in an expression. So does @'…'@.
 *   # {{ x }}          left alone
 *
 * PowerShell accepts typographic quotes for plain ones, so they count as such here.
 * @throws TemplateFault where it is not certain what a text is
 */
export function renderPowershellEdits(
  text: string,
  placeholders: readonly Placeholder[],
): { readonly edits: TemplateEdit[]; readonly warnings: TemplateWarning[]; readonly met: Set<number> } {
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
  return { edits: source.edits, warnings: [], met: source.met }
}

interface Powershell {
  readonly text: string
  readonly placeholders: ReadonlyMap<number, Placeholder>
  readonly last: number
  readonly edits: TemplateEdit[]
  readonly met: Set<number>
  at: number
  depth: number
  /** Up to here no # can be a matter of doubt: lines are looked at once. */
  plain: number
}

const singleQuotes = "'\u2018\u2019\u201a\u201b"
const doubleQuotes = '"\u201c\u201d\u201e'
const maxDepth = 64
const reference = ({ variable }: Placeholder) => `\${env:${variable}}`

function take(source: Powershell, placeholder: Placeholder, text: string): void {
  source.met.add(placeholder.start)
  source.edits.push({ start: placeholder.start, end: placeholder.end, text, placeholder, isInteger: false })
  source.at = placeholder.end
}

function refuseBefore(source: Powershell, what: string): void {
  if (source.placeholders.has(source.at + 1))
    throw new TemplateFault(
      source.at + 1,
      `${what} stands directly before it, and would make something else of the value`,
    )
}

/** Code up to the parenthesis that closes it, or to the end. */
function scanCode(source: Powershell, opened: number | undefined): void {
  const { text } = source
  if (++source.depth > maxDepth)
    throw new TemplateFault(source.at, `the script nests more than ${maxDepth} levels deep`)
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
  if (placeholder.type === 'Boolean') refuse('"false" counts as true there: compare it, as in "{{ x }}" -eq "true"')
  const rest = text.slice(placeholder.end, placeholder.end + 64)
  if (!/^(?:$|[\s;|),}])/.test(rest)) refuse('what follows would not belong to the same word')
  const isCalculated =
    /^[ \t]*(?:[+*/%]|-[ \t]|-[ci]?(?:eq|ne|lt|le|gt|ge|band|bor|bxor|shl|shr)\b|\.\.)/i.test(rest) ||
    /(?:[+*/%]|-|-[ci]?(?:lt|le|gt|ge|band|bor|bxor|shl|shr)|\.\.)[ \t]+$/i.test(
      text.slice(Math.max(0, placeholder.start - 64), placeholder.start),
    )
  if (isCalculated) refuse('PowerShell would calculate with a text: write [int]"{{ x }}" for a number')
  take(source, placeholder, `"${reference(placeholder)}"`)
}

/** A comment where a word may begin; elsewhere a part of the word, or not, as the word is one of an expression. */
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
    throw new TemplateFault(at, 'it cannot be told whether this # begins a comment; put a blank before it')
  source.plain = end
  source.at++
}

function skipComment(source: Powershell, end: number, length: number, message: string): void {
  if (end < 0) throw new TemplateFault(source.at, message)
  skip(source, end)
  source.at = end + length
}

/** What stays as it is. */
function skip(source: Powershell, end: number): void {
  for (; source.at < end; source.at++) {
    const placeholder = source.placeholders.get(source.at)
    if (placeholder && placeholder.end <= end) source.met.add(placeholder.start)
  }
}

function skipVerbatim(source: Powershell): void {
  const line = source.text.indexOf('\n', source.at)
  const end = line < 0 ? source.text.length : line
  for (; source.at < end; source.at++) {
    if (source.placeholders.has(source.at))
      throw new TemplateFault(source.at, 'it stands behind --%, where nothing is expanded')
  }
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
    if (!found) throw new TemplateFault(at, 'it cannot be told where ${ ends')
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
  const escape = (part: string) =>
    part.replace(/['\u2018-\u201b](['\u2018-\u201b])/g, '$1').replace(/[`$"\u201c-\u201e]/g, '`$&')
  rewrite(source, { start, from: start + 1, to: end, end: end + 1 }, ['"', '"'], escape)
}

/** `@'` or `@"` at the end of a line, to a line that begins with its like and `@`. */
function scanHereString(source: Powershell, kind: 'single' | 'double'): void {
  const { text, at: start } = source
  const head = /@.[ \t]*\r?\n/y
  head.lastIndex = start
  const found = head.exec(text)
  if (!found) {
    source.at++
    return
  }
  const from = start + found[0].length
  const quotes = kind === 'single' ? singleQuotes : doubleQuotes
  const end = new RegExp(`\\n[${quotes}]@`, 'g')
  end.lastIndex = from - 1
  const closing = end.exec(text)
  if (!closing) throw new TemplateFault(start, 'the here-string is not closed')
  const to = Math.max(from, closing.index)
  if (kind === 'single') {
    const escape = (part: string) => part.replace(/[`$]/g, '`$&')
    // Its own quotes and line ends stay, the quotes as plain ones.
    const opening = `@"${text.slice(start + 2, from)}`
    const body = text.slice(from, to)
    if (hasPlaceholder(source, from, to) && /(?:^|\n)["\u201c-\u201e]@/.test(body))
      throw new TemplateFault(start, 'a line of the here-string begins with "@, which would end it')
    return rewrite(
      source,
      { start, from, to, end: closing.index + 3 },
      [opening, `${text.slice(to, closing.index + 1)}"@`],
      escape,
    )
  }
  source.at = from
  while (source.at < to) {
    if (!takeInside(source)) scanInside(source, text[source.at] ?? '')
  }
  if (source.at > to) throw new TemplateFault(start, 'it cannot be told where this here-string ends')
  source.at = closing.index + 3
}

function hasPlaceholder({ placeholders }: Powershell, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (placeholders.has(at)) return true
  return false
}

/** A string in which nothing expands, made one in which the placeholders do; as it is if it has none. */
function rewrite(
  source: Powershell,
  place: { readonly start: number; readonly from: number; readonly to: number; readonly end: number },
  [opening, closing]: readonly [string, string],
  escape: (part: string) => string,
): void {
  const { text, edits } = source
  const { start, from, to, end } = place
  if (hasPlaceholder(source, from, to)) {
    const put = (first: number, behind: number, written: string) =>
      edits.push({ start: first, end: behind, text: written, isInteger: false })
    put(start, from, opening)
    let plain = from
    for (source.at = from; source.at < to; ) {
      const placeholder = source.placeholders.get(source.at)
      if (placeholder) {
        put(plain, source.at, escape(text.slice(plain, source.at)))
        take(source, placeholder, reference(placeholder))
        plain = source.at
      } else source.at++
    }
    put(plain, to, escape(text.slice(plain, to)))
    put(to, end, closing)
  }
  source.at = end
}
