import { expect, test } from 'vitest'
import { quoteArgument, renderCmdArguments, renderCommandLine } from './command-line.ts'

test.each([
  ['plain', 'plain'],
  ['', '""'],
  ['two words', '"two words"'],
  ['say "hi"', String.raw`"say \"hi\""`],
  ['C:\\a\\b', 'C:\\a\\b'],
  ['C:\\Program Files\\', String.raw`"C:\Program Files\\"`],
  [String.raw`a\"b`, String.raw`"a\\\"b"`],
  [String.raw`\\server\a share`, String.raw`"\\server\a share"`],
  ['tab\there', '"tab\there"'],
  ['a&b|c', 'a&b|c'],
])('the argument %j is %s', (argument, quoted) => {
  expect(quoteArgument(argument)).toBe(quoted)
})

/** As the C runtime splits a command line. */
function split(line: string): string[] {
  const found: string[] = []
  let current: string | undefined
  let isQuoted = false
  for (let at = 0; at < line.length; ) {
    const [, backslashes = ''] = /^(\\*)/.exec(line.slice(at)) ?? []
    at += backslashes.length
    const character = line[at]
    if (character === '"') {
      current = (current ?? '') + '\\'.repeat(Math.floor(backslashes.length / 2))
      if (backslashes.length % 2 === 1) current += '"'
      else isQuoted = !isQuoted
      at++
      continue
    }
    if (backslashes !== '') current = (current ?? '') + backslashes
    if (character === undefined) break
    at++
    if (!isQuoted && /\s/.test(character)) {
      if (current !== undefined) found.push(current)
      current = undefined
    } else current = (current ?? '') + character
  }
  return current === undefined ? found : [...found, current]
}

test('a program gets the arguments back', () => {
  const argv = ['node.exe', 'a b', '', '"', '\\', '\\\\"', 'x\\', 'y \\', 'ünï 中', '--a="b c"']
  expect(split(renderCommandLine(argv))).toEqual(argv)
})

test('a command of cmd keeps its quotation marks', () => {
  expect(renderCmdArguments('call "C:\\a b\\x.cmd"')).toBe(
    String.raw`/d /e:on /v:off /s /c "chcp 65001 >nul & call "C:\a b\x.cmd""`,
  )
})
