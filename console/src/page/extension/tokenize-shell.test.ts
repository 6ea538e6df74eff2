import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitTokens, tokenizeShell } from './tokenize-shell.ts'

test('tokens of any text concatenate to the text', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', "'", '$', '#', '{{', '}}', '\\', '\n', 'if'),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const text = parts.join('')
      expect(
        tokenizeShell(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text)
    }),
  )
})

test('comments, strings, variables and keywords are recognised', () => {
  expect(tokenizeShell('if [ "$a" ]; then # why\n  echo {{ port }} $HOME\nfi')).toEqual([
    { kind: 'keyword', text: 'if' },
    { kind: 'plain', text: ' [ ' },
    { kind: 'text', text: '"$a"' },
    { kind: 'plain', text: ' ]; ' },
    { kind: 'keyword', text: 'then' },
    { kind: 'plain', text: ' ' },
    { kind: 'comment', text: '# why' },
    { kind: 'plain', text: '\n  echo ' },
    { kind: 'placeholder', text: '{{ port }}' },
    { kind: 'plain', text: ' ' },
    { kind: 'variable', text: '$HOME' },
    { kind: 'plain', text: '\n' },
    { kind: 'keyword', text: 'fi' },
  ])
})

test('tokens are split by line, including text over two lines', () => {
  const lines = splitTokens(tokenizeShell('#!/bin/sh\n\necho "one\ntwo" $x\n'))
  expect(lines.map((line) => line.map(({ text }) => text).join('|'))).toEqual([
    '#!/bin/sh',
    '',
    'echo |"one',
    'two"| |$x',
  ])
  expect(splitTokens(tokenizeShell(''))).toEqual([[]])
})
