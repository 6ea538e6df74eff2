import { expect, test } from 'vitest'
import { makeCliContext } from '../../test/make-cli-context.ts'
import { askYes } from './ask-yes.ts'

test.each([
  ['y\n', true],
  ['YES\n', true],
  ['\n', false],
  ['n\n', false],
  ['yesterday\n', false],
  // The input ends without an answer.
  ['', false],
])('interprets %j', async (input, expected) => {
  const { context, printed } = makeCliContext({}, { input })
  expect(await askYes(context, 'install on 3 instances?')).toBe(expected)
  expect(printed.err).toContain('install on 3 instances? [y/N] ')
})
