import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { makeCliContext } from '../../../../test/make-cli-context.ts'
import { runCli } from '../../run-cli.ts'

/** Runs it against a server that accepts everything; also returns the requests. */
async function run(environment: Readonly<Record<string, string>>, input: string) {
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push([request.method, request.url, JSON.parse(body)])
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  const { context, printed } = makeCliContext(
    {
      CHANDLER_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      CHANDLER_ACCESS_KEY_ID: 'id',
      CHANDLER_ACCESS_KEY_SECRET: 'secret',
      ...environment,
    },
    { input },
  )
  const code = await runCli(context, ['user', 'set-password', 'admin'])
  return { code, asked, ...printed }
}

test.each([
  ['from standard input, spaces and all, without the end of the line', {}, ' a pass word \n', ' a pass word '],
  [
    'from the environment, before standard input',
    { CHANDLER_NEW_PASSWORD: 'of the environment' },
    'other\n',
    'of the environment',
  ],
])('%s', async (_, environment, input, password) => {
  const { code, asked, out, err } = await run(environment as Record<string, string>, input)
  expect([code, asked]).toEqual([0, [['PUT', '/api/v1/users/admin/password', { password }]]])
  expect(out + err).not.toContain(password.trim())
})

test('a password that is too short is not sent', async () => {
  const { code, asked, err } = await run({}, 'short\n')
  expect([code, asked]).toEqual([2, []])
  expect(err).toContain('12 to 256 characters')
})
