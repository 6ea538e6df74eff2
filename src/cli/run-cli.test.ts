import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeCliContext } from '../../test/make-cli-context.ts'
import { runCli } from './run-cli.ts'

const key = { CHANDLER_ACCESS_KEY_ID: 'id', CHANDLER_ACCESS_KEY_SECRET: 'secret' }

async function run(line: string, environment: Readonly<Record<string, string>> = {}) {
  const { context, printed } = makeCliContext(environment)
  const code = await runCli(context, line.split(' ').filter(Boolean))
  return { code, ...printed }
}

describe('usage', () => {
  test.each([
    ['instal', "unknown command 'instal'"],
    ['execution show', "missing required argument 'id'"],
    ['install demo', "required option '--targets <selector>' not specified"],
    ['install demo --targets all --autoremove', "unknown option '--autoremove'"],
    ['plan update demo --targets all --autoremove', "unknown option '--autoremove'"],
    ['package install demo --targets all --autoremove', "unknown option '--autoremove'"],
    ['install demo --targets all --pause first', '--pause first requires --batch'],
    ['install demo --targets all --batch 1,x', '--batch is "x", neither a count nor a percentage'],
    ['install demo --targets all --concurrency 101%', '--concurrency '],
    ['install demo --targets all --max-errors -1', '--max-errors '],
    ['install demo --targets prod', 'The target selector "prod" is invalid'],
    ['install demo --targets all --param port', '"port" is not a parameter'],
    ['instance list -o xml', "argument 'xml' is invalid"],
    ['token create --ttl soon', 'Use a duration such as 90s, 30m, 2h or 7d'],
    ['instance tag i-1', 'nothing to change'],
    ['extension tag demo', 'nothing to change'],
    ['object get my-ext', '"my-ext" is not a valid object name'],
    ['execution retry exec-a --failed --instance i-1', 'cannot be combined with --failed'],
    ['extension lint /nowhere', 'extension.yaml does not exist in /nowhere'],
  ])('%s: exit code 2, with the problem', async (line, message) => {
    const { code, out, err } = await run(line, { ...key, CHANDLER_SERVER: 'http://127.0.0.1:9' })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
  })

  test('help and version are not errors', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect(await run('execution --help')).toMatchObject({ code: 0, out: expect.stringContaining('retry') })
  })

  test('an unreachable server: exit code 4', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const { code, err } = await run('instance list', { ...key, CHANDLER_SERVER: `http://127.0.0.1:${port}` })
    expect(code).toBe(4)
    expect(err).toContain('connect ECONNREFUSED')
  })
})

describe('answers of a server', () => {
  async function against(status: number, body: unknown, line: string, requests: unknown[] = []) {
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const content = await text(request)
      requests.push(content === '' ? undefined : JSON.parse(content))
      response.writeHead(status).end(JSON.stringify(body))
    }
    const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => {
      server.close().closeAllConnections()
    })
    return await run(line, { ...key, CHANDLER_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  }
  const problem = (status: number) => ({
    type: 'about:blank',
    title: '',
    status,
    code: 'ParameterInvalid',
    detail: 'Two parameters are wrong.',
    next: 'Correct them.',
    problems: [{ path: 'parameters.port', message: 'is too large' }],
    requestId: 'r',
  })

  test.each([
    [400, 2],
    [404, 1],
    [409, 1],
    [500, 1],
  ])('a problem with status %i is exit code %i, and is printed completely', async (status, code) => {
    expect(await against(status, problem(status), 'extension list')).toEqual({
      code,
      out: '',
      err: 'error: Two parameters are wrong. (ParameterInvalid)\n  parameters.port: is too large\nCorrect them.\n',
    })
  })

  test.each([
    ['uninstall demo', { action: 'uninstall', extension: 'demo', autoremove: true }],
    ['plan uninstall demo', { action: 'uninstall', extension: 'demo', autoremove: true }],
    ['uninstall demo base', { operation: { kind: 'extensions', action: 'uninstall', autoremove: true } }],
    ['package uninstall demo', { operation: { kind: 'osPackage', action: 'uninstall', autoremove: true } }],
  ])(
    '%s --autoremove requests the removal of unneeded dependencies; without the option it does not',
    async (line, asked) => {
      const requests: unknown[] = []
      await against(400, problem(400), `${line} --targets all --autoremove`, requests)
      expect(requests).toMatchObject([asked])
      const others: unknown[] = []
      await against(400, problem(400), `${line} --targets all`, others)
      expect(JSON.stringify(others)).toContain('uninstall')
      expect(JSON.stringify(others)).not.toContain('autoremove')
    },
  )

  test('an empty list prints a hint, or a document with --output json', async () => {
    const empty = { items: [] }
    expect(await against(200, empty, 'instance list')).toMatchObject({
      code: 0,
      out: expect.stringContaining('chandler token create'),
    })
    expect(await against(200, empty, 'instance list -o json')).toMatchObject({ code: 0, out: '[]\n', err: '' })
    expect(await against(200, empty, 'instance list -o yaml')).toMatchObject({ code: 0, out: '[]\n', err: '' })
  })
})
