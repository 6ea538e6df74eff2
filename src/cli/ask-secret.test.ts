import { expect, test } from 'vitest'
import { makeCliContext } from '../../test/make-cli-context.ts'
import { askSecret } from './ask-secret.ts'

test.each([
  ['secret\r', 'secret'],
  ['secret\n', 'secret'],
  ['  pass word \r', 'pass word'],
  ['secrex\u007ft\r', 'secret'],
  // The terminal interprets a cursor key, which is not part of the secret.
  ['scret\u001b[D\u001b[D\u001b[D\u001b[De\r', 'secret'],
  ['汉字🚢\r', '汉字🚢'],
])('reads %j without echo', async (input, expected) => {
  const { context, printed } = makeCliContext({}, { input })
  expect(await askSecret(context, 'Secret: ')).toBe(expected)
  expect(printed.err).toBe('Secret: \n')
  expect(printed.out).toBe('')
})

test.each(['sec\u0003', 'sec\u0004', ''])('%j gives it up', async (input) => {
  const { context } = makeCliContext({}, { input })
  await expect(askSecret(context, 'Secret: ')).rejects.toThrow('no secret was entered')
})
