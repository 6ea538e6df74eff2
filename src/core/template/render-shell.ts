import type { Placeholder } from './placeholder.ts'
import { checkCommand, checkInput, readTraits, type ShellCommand, type ShellWord } from './shell-command.ts'
import type { TemplateEdit } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/**
 * Rewrites placeholders of a script for sh or bash. Four positions are accepted; every other one is
 * refused, with its position:
 *
 *   word           tool --port {{ x }}      "${V}"    one word, whatever the value is
 *   double quotes  tool "a {{ x }} b"       ${V}
 *   assignment     NAME={{ x }}             "${V}"    also after export, local and readonly
 *   here-document  <<EOF … {{ x }} … EOF    ${V}      with an unquoted delimiter
 *   (comment       # {{ x }}                left alone)
 *
 * The value is never part of the text. A reference in a wrong position would be split or printed
 * literally; it becomes code only where the shell evaluates values: in arithmetic, in subscripts,
 * and in commands that run their words as code. This file proves the position of a placeholder, and
 * shell-command.ts proves that the command treats the word as data.
 *
 * The accepted grammar, up to the end of the pipeline with the last placeholder:
 *
 *   code        = { blank | newline | # comment | operator | redirection | (( arithmetic )) |
 *                   [[ … ]] | word }
 *   word        = { placeholder | piece | c }
 *   piece       = \c | '…' | "double" | $dollar | `…`
 *   double      = { placeholder | \c | $dollar | `…` | c }          here-document bodies likewise
 *   dollar      = $( code ) | $(( arithmetic )) | ${ braces } | $'…' | $name | $
 *   arithmetic  = { $dollar | ( arithmetic ) | c }                  no quotes, no placeholder
 *   braces      = { \c | '…' | "double" | $dollar | `…` | c }   quotes only if unquoted; no placeholder
 *
 * Sources: POSIX.1-2024, chapter 2, and the manual of bash, where dash, busybox and bash agree.
 * @throws TemplateFault
 */
export function renderShellEdits(
  text: string,
  placeholders: readonly Placeholder[],
): { readonly edits: readonly TemplateEdit[]; readonly met: ReadonlySet<number> } {
  const scanner = new ShellScanner(text, placeholders)
  scanner.scanCode()
  return scanner
}

interface HereDocument {
  readonly start: number
  readonly delimiter: string
  readonly isQuoted: boolean
  readonly stripsTabs: boolean
  readonly pipeline: readonly ShellCommand[]
}

const maxDepth = 32
const endsWord = /[ \t\n;&|<>()]/
const redirection = /<<<|<<-?|<&|<>|>>|>&|>\||[<>]/y
const delimiter = /(?:'([^'\n]*)'|"([^"\\$`\n]*)"|(\\?)([A-Za-z0-9_.-]+))(?![^ \t\n;&|<>)])/y
/** Reserved words after which a command begins. */
const reserved = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time'])

class ShellScanner {
  readonly edits: TemplateEdit[] = []
  readonly met = new Set<number>()
  readonly #text: string
  readonly #placeholders: ReadonlyMap<number, Placeholder>
  readonly #last: number
  readonly #traits: ReturnType<typeof readTraits>
  #at = 0
  /** The end of the text to read: that of a here-document's body while it is scanned. */
  #end: number
  #pending: HereDocument[] = []
  /** Why no placeholder is accepted here. */
  #refusal: string | undefined
  #depth = 0

  constructor(text: string, placeholders: readonly Placeholder[]) {
    this.#text = text
    this.#end = text.length
    this.#placeholders = new Map(placeholders.map((placeholder) => [placeholder.start, placeholder]))
    this.#last = placeholders.at(-1)?.start ?? -1
    this.#traits = readTraits(text)
  }

  /**
   * Scans the script, or the content of `$(…)`, `<(…)` and `name=(…)` including its closing
   * parenthesis.
   */
  scanCode(opened?: number): void {
    const isNested = opened !== undefined
    const outer = this.#pending
    this.#pending = []
    let parentheses = 0
    let first = this.edits.length
    let pipeline: ShellWord[][] = [[]]
    const endCommand = () => checkCommand(pipeline.at(-1) ?? [], this.#traits)
    const endPipeline = () => {
      endCommand()
      checkInput(pipeline, this.edits.slice(first), this.#traits)
      first = this.edits.length
      pipeline = [[]]
    }
    for (;;) {
      const command = pipeline.at(-1)!
      const isAtStart = command.length === 0
      this.#skipBlanks()
      const c = this.#peek()
      if (c === undefined || (!isNested && this.#at > this.#last && isAtStart && pipeline.length === 1)) {
        if (this.#pending.length === 0 || c === undefined) {
          endPipeline()
          if (isNested) throw this.#fault(opened, 'what begins here does not end')
          if (this.#pending.length > 0) throw this.#fault(this.#pending[0]!.start, 'this here-document has no body')
          return
        }
      }
      if (c === '#') this.#skipComment()
      else if (c === '\n') {
        if (outer.length > 0) throw this.#fault(this.#at, 'a line ends here before the body of a here-document')
        this.#at++
        this.#scanHereDocuments()
        if (pipeline.length === 1 || command.length > 0) endPipeline()
      } else if (this.#has('((')) this.#onOneLine(() => this.#scanArithmetic(2))
      else if (c === '(' && command.at(-1)?.end === this.#at && command.at(-1)!.raw.endsWith('=')) {
        this.#refuse('in an array', () => this.#scanNested(1))
        this.#assertWordEnd()
      } else if (c === ')' && isNested && parentheses === 0) {
        endPipeline()
        if (this.#pending.length > 0) throw this.#fault(this.#pending[0]!.start, 'this here-document has no body')
        this.#pending = outer
        this.#at++
        return
      } else if (c === '|' && !this.#has('||')) {
        endCommand()
        pipeline.push([])
        this.#at += this.#has('|&') ? 2 : 1
      } else if (c === '(' || c === ')' || c === ';' || c === '&' || c === '|') {
        // Outside $( ) it does not matter which parenthesis closes which; inside, a case pattern is
        // refused.
        parentheses += c === '(' ? 1 : c === ')' ? -1 : 0
        endPipeline()
        this.#at += this.#has('||') ? 2 : 1
      } else if (c === '<' || c === '>') this.#scanRedirection(command, pipeline)
      else if (isAtStart && /^\[\[[ \t\n]/.test(this.#text.slice(this.#at, this.#at + 3)))
        this.#onOneLine(() => this.#scanConditional())
      else {
        let word!: ShellWord
        this.#onOneLine(() => {
          word = this.#scanWord()
        })
        if (isNested && isAtStart && word.raw === 'case') throw this.#fault(word.start, 'a case in parentheses')
        if (!isAtStart || !reserved.has(word.raw)) command.push(word)
      }
    }
  }

  #scanWord(): ShellWord {
    const start = this.#at
    const first = this.edits.length
    let opener: number | undefined
    let brackets = 0
    for (;;) {
      if (this.#take((variable) => `"\${${variable}}"`)) continue
      const c = this.#peek()
      if (c === undefined || endsWord.test(c)) break
      if (this.#scanPiece(c, false)) continue
      // A subscript, a brace expansion or a home directory: the shell would interpret the value, or
      // treat the rest differently.
      if (c === '[' || c === '{' || c === '~') opener ??= this.#at
      brackets += c === '[' ? 1 : c === ']' ? -1 : 0
      this.#at++
    }
    const edits = this.edits.slice(first)
    const behind = opener === undefined ? undefined : edits.find((edit) => edit.start > opener)
    if (behind) throw new TemplateFault(behind.start, `behind a ${this.#text[opener ?? 0]} in the same word`)
    return { start, end: this.#at, raw: this.#text.slice(start, this.#at), edits, isOpen: brackets > 0 }
  }

  /** Scans a quoted, expanded or escaped piece, if one begins here. */
  #scanPiece(c: string, isQuoted: boolean): boolean {
    const start = this.#at
    if (c === '\\') {
      if (this.#placeholders.has(start + 1)) throw this.#fault(start + 1, 'directly behind a backslash')
      this.#at += 2
    } else if (c === '$') this.#scanDollar(isQuoted)
    else if (c === '`') this.#skipPast('`', 'in backquotes')
    else if (c === '"' && !isQuoted) this.#scanDouble()
    else if (c === "'" && !isQuoted) this.#skipPast("'", 'in single quotes')
    else return false
    return true
  }

  /** Shells differ in where a here-document's body begins if its line ends inside a construct. */
  #onOneLine(scan: () => void): void {
    const start = this.#at
    scan()
    if (this.#pending.length > 0 && this.#text.slice(start, this.#at).includes('\n'))
      throw this.#fault(start, 'a line ends here before the body of a here-document')
  }

  #assertWordEnd(): void {
    if (!endsWord.test(this.#peek() ?? '\n')) throw this.#fault(this.#at, 'a word that begins with a parenthesis')
  }

  #scanDouble(): void {
    const start = this.#at++
    for (;;) {
      const c = this.#peek()
      if (c === undefined) throw this.#fault(start, 'this quote does not end')
      if (c === '"') break
      this.#scanQuoted(c)
    }
    this.#at++
  }

  #scanQuoted(c: string): void {
    if (!this.#take((variable) => `\${${variable}}`) && !this.#scanPiece(c, true)) this.#at++
  }

  #scanDollar(isQuoted: boolean): void {
    const next = this.#text[this.#at + 1] ?? ''
    if (this.#placeholders.has(this.#at + 1)) throw this.#fault(this.#at + 1, 'directly behind a dollar sign')
    if (this.#has('$((')) this.#scanArithmetic(3)
    else if (next === '(') this.#scanNested(2)
    else if (next === '{') this.#scanBraces(isQuoted)
    else if (next === "'" && !isQuoted) {
      this.#at++
      // bash reads \' as a quote in it, other shells as its end.
      if (this.#skipPast("'", "in $'…'").endsWith("\\'")) throw this.#fault(this.#at - 1, "a backslash before this '")
    } else if (next === '[' || (next === '"' && !isQuoted) || this.#has('$\\\n'))
      throw this.#fault(this.#at, `a ${JSON.stringify(next)} behind this dollar sign`)
    else this.#at += /[@*#?$!0-9-]/.test(next) ? 2 : 1
  }

  #scanNested(opening: number): void {
    const start = this.#at
    this.#at += opening
    this.#nest(() => this.scanCode(start))
  }

  #scanArithmetic(opening: number): void {
    const start = this.#at
    this.#at += opening
    const scan = () => {
      for (let parentheses = 0; ; ) {
        this.#assertNone()
        const c = this.#peek()
        if (c === undefined || /["'`\\]/.test(c)) throw this.#fault(start, 'quotes in arithmetic, or no )) at its end')
        if (c === '$') this.#scanDollar(true)
        else {
          if (c === ')' && parentheses === 0) break
          parentheses += c === '(' ? 1 : c === ')' ? -1 : 0
          this.#at++
        }
      }
      if (!this.#has('))')) throw this.#fault(start, 'two parentheses that are no arithmetic; put a blank between')
      this.#at += 2
    }
    this.#nest(() => this.#refuse('in arithmetic', scan))
  }

  #scanBraces(isQuoted: boolean): void {
    const start = this.#at
    this.#at += 2
    const scan = () => {
      for (;;) {
        this.#assertNone()
        const c = this.#peek()
        if (c === '}') break
        const isRead =
          c !== undefined && !(isQuoted && (c === '"' || c === "'")) && !/[ \t\n|(]/.test(this.#text[start + 2] ?? '')
        if (!isRead) throw this.#fault(start, 'an expansion with quotes in quotes, or without an end')
        if (!this.#scanPiece(c, isQuoted)) this.#at++
      }
      this.#at++
    }
    this.#nest(() => this.#refuse('in ${ }', scan))
  }

  #scanConditional(): void {
    const start = this.#at
    this.#at += 2
    this.#refuse('in [[ ]]; compare with [ ]', () => {
      for (;;) {
        this.#assertNone()
        const c = this.#peek()
        const isWord = /[ \t\n]/.test(this.#text[this.#at - 1] ?? '')
        if (c === undefined || (c === '#' && isWord)) throw this.#fault(start, '[[ without an end, or with a comment')
        if (isWord && /^\]\](?:[ \t\n;&|)]|$)/.test(this.#text.slice(this.#at, this.#at + 3))) break
        if (!this.#scanPiece(c, false)) this.#at++
      }
    })
    this.#at += 2
  }

  #scanRedirection(command: ShellWord[], pipeline: readonly ShellCommand[]): void {
    const start = this.#at
    const first = this.edits.length
    const next = this.#text[start + 1]
    if (next === '(') {
      this.#scanNested(2)
      this.#assertWordEnd()
      command.push({ start, end: this.#at, raw: '<()', edits: this.edits.slice(first), isOpen: false })
      return
    }
    redirection.lastIndex = start
    const operator = redirection.exec(this.#text)?.[0] ?? ''
    this.#at += operator.length
    if (this.#has('\\\n')) throw this.#fault(this.#at, 'a backslash directly behind a redirection')
    this.#skipBlanks()
    if (operator !== '<<' && operator !== '<<-') {
      this.#scanWord()
      return
    }
    delimiter.lastIndex = this.#at
    const found = delimiter.exec(this.#text)
    if (!found || found[0].includes('{{')) throw this.#fault(start, 'a here-document with an unusual delimiter')
    this.#at += found[0].length
    const [, single, double, backslash, plain] = found
    this.#pending.push({
      start,
      delimiter: single ?? double ?? plain ?? '',
      isQuoted: plain === undefined || backslash !== '',
      stripsTabs: operator === '<<-',
      pipeline,
    })
  }

  /** After a newline: scans the bodies that begin there. */
  #scanHereDocuments(): void {
    const documents = this.#pending
    this.#pending = []
    for (const document of documents) {
      const { end, next } = this.#findBodyEnd(document)
      if (document.isQuoted) this.#skipTo(end, `in a here-document with a quoted delimiter; remove the quotes`)
      else {
        const first = this.edits.length
        const outer = this.#end
        this.#end = end
        this.#nest(() => {
          for (let c = this.#peek(); c !== undefined; c = this.#peek()) this.#scanQuoted(c)
        })
        this.#end = outer
        if (this.#at !== end) throw this.#fault(document.start, 'this here-document ends in the middle of something')
        checkInput(document.pipeline, this.edits.slice(first), this.#traits)
      }
      this.#at = next
    }
  }

  #findBodyEnd({ start, delimiter: wanted, isQuoted, stripsTabs }: HereDocument): { end: number; next: number } {
    let isContinued = false
    for (let line = this.#at; line < this.#end; ) {
      const newline = this.#text.indexOf('\n', line)
      const end = newline < 0 || newline >= this.#end ? this.#end : newline
      const content = this.#text.slice(line, end).replace(stripsTabs ? /^\t+/ : /^/, '')
      // A backslash joins lines, and shells differ in whether the joined line may be the delimiter.
      let backslashes = 0
      while (content.at(-1 - backslashes) === '\\') backslashes++
      const joins = !isQuoted && backslashes % 2 === 1
      if ((joins && wanted.startsWith(content.slice(0, -1))) || (isContinued && content === wanted))
        throw this.#fault(line, 'a backslash at the end of a here-document')
      if (content === wanted) return { end: line, next: Math.min(end + 1, this.#end) }
      isContinued = joins
      line = end + 1
    }
    throw this.#fault(start, `this here-document has no line ${JSON.stringify(wanted)}`)
  }

  #take(write: (variable: string) => string): boolean {
    const placeholder = this.#placeholders.get(this.#at)
    if (!placeholder || this.#at >= this.#end) return false
    this.#assertNone()
    this.met.add(placeholder.start)
    this.edits.push({ start: placeholder.start, end: placeholder.end, text: write(placeholder.variable), placeholder })
    this.#at = placeholder.end
    return true
  }

  #assertNone(): void {
    if (this.#refusal !== undefined && this.#placeholders.has(this.#at)) throw this.#fault(this.#at, this.#refusal)
  }

  #refuse(refusal: string, scan: () => void): void {
    const outer = this.#refusal
    this.#refusal ??= refusal
    scan()
    this.#refusal = outer
  }

  #nest(scan: () => void): void {
    if (++this.#depth > maxDepth) throw this.#fault(this.#at, `more than ${maxDepth} levels`)
    scan()
    this.#depth--
  }

  /**
   * Skips from a quote past its closing one; in backquotes a backslash escapes the next character.
   */
  #skipPast(quote: "'" | '`', where: string): string {
    const start = this.#at
    let end = start + 1
    while (end < this.#end && this.#text[end] !== quote) end += quote === '`' && this.#text[end] === '\\' ? 2 : 1
    if (end >= this.#end) throw this.#fault(start, 'this quote does not end')
    this.#skipTo(end + 1, where)
    return this.#text.slice(start, end + 1)
  }

  #skipTo(end: number, where: string): void {
    for (; this.#at < end; this.#at++) if (this.#placeholders.has(this.#at)) throw this.#fault(this.#at, where)
  }

  #skipComment(): void {
    for (; this.#at < this.#end && this.#text[this.#at] !== '\n'; this.#at++)
      if (this.#placeholders.has(this.#at)) this.met.add(this.#at)
  }

  #skipBlanks(): void {
    for (;;) {
      const c = this.#peek()
      if (c === ' ' || c === '\t') this.#at++
      else if (this.#has('\\\n')) this.#at += 2
      else return
    }
  }

  #peek(): string | undefined {
    return this.#at < this.#end ? this.#text[this.#at] : undefined
  }

  #has(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #fault(start: number, message: string): TemplateFault {
    return new TemplateFault(start, message)
  }
}
