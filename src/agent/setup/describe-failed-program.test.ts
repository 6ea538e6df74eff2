import { expect, test } from 'vitest'
import { describeFailedProgram } from './describe-failed-program.ts'

const uncaught = `file:///C:/Agent/bin/chandler-agent.mjs:1
throw new Error("made for another Windows")
      ^

Error: made for another Windows
    at file:///C:/Agent/bin/chandler-agent.mjs:1:7

Node.js v24.21.0
`

test.each([
  ['one line', 'node: GLIBC_2.99 not found\n', 'node: GLIBC_2.99 not found'],
  ['an uncaught error of Node.js', uncaught, 'Error: made for another Windows'],
  [
    'one with a code',
    uncaught.replace('\nError:', '\nTypeError [ERR_X]:'),
    'TypeError [ERR_X]: made for another Windows',
  ],
  ['several lines of a loader', 'first: no such library\nsecond: the same\n', 'first: no such library'],
  ['nothing', '', 'Command failed: node.exe'],
])('%s', (_, stderr, expected) => {
  expect(describeFailedProgram(stderr, 'Command failed: node.exe\nmore')).toBe(expected)
})
