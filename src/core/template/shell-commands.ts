import { scanArithmetic } from './shell-arithmetic.ts'
import { scanConditional } from './shell-conditional.ts'
import { readHereDocuments, scanHereOperator } from './shell-here-document.ts'
import { checkCommand } from './shell-names.ts'
import {
  assertNoContinuation,
  fault,
  firstEditSince,
  has,
  type ListEnd,
  nest,
  refuseEdits,
  type Shell,
} from './shell-state.ts'
import { scanWord, skipBlanks, skipComment, type Word } from './shell-word.ts'

/** Words behind which another command begins. */
const opening = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', 'coproc'])
const closing = new Set(['fi', 'done', 'esac', '}'])

/**
 * Commands up to the end of their list, and past it. The grammar of POSIX.1-2024 (2.10) with what bash adds, as far as it decides where
 * words, quotes, here-documents and comments begin and end; whether the script is right is for the shell to say. True if `esac` ended it.
 */
export function scanCommands(shell: Shell, end: ListEnd): boolean {
  const { text, script } = shell
  const start = shell.at
  let words: Word[] = []
  const finish = () => {
    checkCommand(shell, words)
    words = []
  }
  for (;;) {
    skipBlanks(shell)
    const character = text[shell.at]
    const isAtTop = end === 'end' && script.depth === 0
    if (character === undefined || (isAtTop && shell.at > script.lastPlaceholder && shell.pending.length === 0)) {
      finish()
      if (end !== 'end' && character === undefined) throw fault(shell, start, 'what begins here is not closed')
      if (shell.pending.length > 0) throw fault(shell, text.length, 'a here-document has no body')
      return false
    }
    if (character === '#') skipComment(shell)
    else if (character === '\n') {
      finish()
      shell.at++
      readHereDocuments(shell)
    } else if (character === ')') {
      finish()
      if (end !== 'parenthesis') throw fault(shell, shell.at, 'it cannot be told what this ) closes')
      if (shell.pending.length > 0) throw fault(shell, shell.at, 'a here-document has no body before this )')
      shell.at++
      return false
    } else if (character === '(') {
      scanParenthesis(shell, words)
    } else if (/^(?:;;&?|;&)/.test(text.slice(shell.at, shell.at + 3)) && end === 'clause') {
      finish()
      shell.at += has(shell, ';;&') ? 3 : 2
      return false
    } else if (has(shell, '&>')) {
      scanRedirection(shell, script.dialect)
    } else if (character === ';' || character === '&' || character === '|') {
      finish()
      shell.at++
    } else if ((character === '<' || character === '>') && text[shell.at + 1] !== '(') {
      scanRedirection(shell, script.dialect)
    } else if (scanCommandWord(shell, words, end)) return true
  }
}

const opensSubscript = /^[A-Za-z_][A-Za-z0-9_]*\[/

/** A word of a command, and all that it opens. True if it is the `esac` that ends a clause. */
function scanCommandWord(shell: Shell, words: Word[], end: ListEnd): boolean {
  const { script } = shell
  const first = script.edits.length
  // Not a pattern of bash: `!` and a subshell, or something calculated.
  if (words.length === 0 && has(shell, '!(')) {
    shell.at++
    return false
  }
  const word = scanWord(shell, words)
  if (word.isOpen && opensSubscript.test(word.raw) && (words.at(-1)?.isAssignment ?? true))
    throw fault(shell, shell.at, 'a blank in a subscript is read differently by different shells')
  // The number of a redirection, such as 2>file, is no word.
  if (/^(?:[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\})$/.test(word.raw) && /[<>]/.test(shell.text[shell.at] ?? '')) return false
  if (/^\{.*\}$/s.test(word.raw) && /[<>]/.test(shell.text[shell.at] ?? ''))
    refuseEdits(shell, first, 'in the name of a redirection')
  if (words.length > 0) {
    // `for x do` has no list of words.
    if (word.raw === 'do' && words.length === 2 && /^(?:for|select)$/.test(words[0]?.raw ?? '')) words.length = 0
    else words.push(word)
    return false
  }
  switch (word.raw) {
    case 'esac':
      if (end === 'clause') return true
      return false
    case 'case':
      nest(shell, () => scanCase(shell, word.start))
      return false
    case '[[':
      scanConditional(shell, word.start)
      return false
    case 'for':
    case 'select':
    case 'function':
      // The words of a loop are values; they end like those of a command.
      words.push(...scanName(shell, word))
      return false
  }
  if (opening.has(word.raw) || closing.has(word.raw)) return false
  words.push(word)
  if (shell.text[shell.at] === '(' && firstEditSince(shell, first))
    throw fault(shell, word.start, 'the name of a function cannot be a value')
  return false
}

/** What stands between `for`, `select` or `function` and the rest. Returns what belongs to the words of a loop. */
function scanName(shell: Shell, keyword: Word): Word[] {
  skipBlanks(shell)
  if (keyword.raw === 'for' && has(shell, '((')) {
    const start = shell.at
    shell.at += 2
    if (!scanArithmetic(shell, '))')) throw fault(shell, start, 'for (( is not closed by ))')
    return []
  }
  const first = shell.script.edits.length
  const word = scanWord(shell, [])
  if (firstEditSince(shell, first)) throw fault(shell, word.start, `the name behind ${keyword.raw} cannot be a value`)
  if (keyword.raw !== 'function') return [keyword, word]
  takeEmptyParentheses(shell)
  return []
}

function takeEmptyParentheses(shell: Shell): boolean {
  const empty = /[ \t]*\([ \t]*\)/y
  empty.lastIndex = shell.at
  const found = empty.exec(shell.text)
  shell.at += found?.[0].length ?? 0
  return found !== null
}

/** A subshell, something calculated, or the parentheses of a function. */
function scanParenthesis(shell: Shell, words: Word[]): void {
  const start = shell.at
  if (words.length > 0) {
    if (words.length > 1 || !takeEmptyParentheses(shell))
      throw fault(shell, start, 'it cannot be told what this ( opens')
    words.length = 0
    return
  }
  assertNoContinuation(shell, 1, 'a parenthesis')
  if (has(shell, '((')) {
    shell.at += 2
    if (nest(shell, () => scanArithmetic(shell, '))'))) return
    shell.at = start
  }
  shell.at++
  nest(shell, () => scanCommands(shell, 'parenthesis'))
}

function scanRedirection(shell: Shell, dialect: 'sh' | 'bash'): void {
  const operator = /&>>?|<<<|<<-?|<&|<>|>>|>&|>\||[<>]/y
  operator.lastIndex = shell.at
  const found = operator.exec(shell.text)?.[0] ?? ''
  const start = shell.at
  assertNoContinuation(shell, found.length, 'a redirection')
  shell.at += found.length
  // `cmd &>file` puts cmd in the background where it is not bash.
  const first = shell.script.edits.length
  skipBlanks(shell)
  if (found === '<<' || found === '<<-') return scanHereOperator(shell, start, found === '<<-')
  scanWord(shell, [])
  const edit = firstEditSince(shell, first)
  if (dialect === 'sh' && found.startsWith('&') && edit)
    throw fault(shell, start, '&> is read differently by different shells; write > and 2>&1, or begin with #!/bin/bash')
}

/** From behind `case` past its `esac`. */
function scanCase(shell: Shell, start: number): void {
  skipBlanks(shell)
  scanWord(shell, [])
  skipLines(shell)
  if (scanWord(shell, []).raw !== 'in')
    throw fault(shell, start, 'it cannot be told where the patterns of this case begin')
  for (;;) {
    skipLines(shell)
    if (/^esac(?![A-Za-z0-9_./-])/.test(shell.text.slice(shell.at, shell.at + 5))) {
      shell.at += 4
      return
    }
    scanPatterns(shell, start)
    if (scanCommands(shell, 'clause')) return
  }
}

/** `(a|b)`: patterns up to their parenthesis. The first one may be open. */
function scanPatterns(shell: Shell, start: number): void {
  const { text } = shell
  if (text[shell.at] === '(') shell.at++
  for (;;) {
    skipBlanks(shell)
    const character = text[shell.at]
    if (character === undefined || character === '\n') throw fault(shell, start, 'a pattern of this case has no )')
    if (character === ')') break
    const before = shell.at
    if (character === '|') shell.at++
    else scanWord(shell, [])
    if (shell.at === before) throw fault(shell, shell.at, 'it cannot be told what this is in a pattern')
  }
  shell.at++
}

function skipLines(shell: Shell): void {
  for (;;) {
    skipBlanks(shell)
    const character = shell.text[shell.at]
    if (character === '#') skipComment(shell)
    else if (character === '\n') {
      shell.at++
      readHereDocuments(shell)
    } else return
  }
}
