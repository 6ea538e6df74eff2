import { fault, requireIntegers, type Shell } from './shell-state.ts'
import { scanWord, skipBlanks, skipComment, type Word } from './shell-word.ts'

const comparisons = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge'])

/** From behind `[[` past its `]]`. Its comparisons of numbers calculate, and -v and -R take names with subscripts. */
export function scanConditional(shell: Shell, start: number): void {
  const { text, script } = shell
  let previous: Word | undefined
  for (;;) {
    skipBlanks(shell)
    const character = text[shell.at]
    if (character === undefined) throw fault(shell, start, '[[ is not closed')
    if (character === '#' && previous === undefined) skipComment(shell)
    else if (character === '\n') {
      if (shell.pending.length > 0)
        throw fault(shell, start, 'a line ends in it while a here-document waits for its body')
      shell.at++
    } else if (/[()&|;]/.test(character) || (/[<>]/.test(character) && text[shell.at + 1] !== '(')) {
      shell.at++
      previous = undefined
    } else {
      const word: Word = scanWord(shell, [], previous?.raw === '=~')
      if (word.raw === ']]') return
      if (comparisons.has(word.raw))
        requireIntegers(shell, previous?.firstEdit ?? script.edits.length, `before ${word.raw}`)
      if (previous && (comparisons.has(previous.raw) || previous.raw === '-v' || previous.raw === '-R'))
        requireIntegers(shell, word.firstEdit, `behind ${previous.raw}`)
      previous = word
    }
  }
}
