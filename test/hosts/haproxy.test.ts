/** deploy/haproxy.cfg with TLS on both sides: HAProxy verifies the CA of the server. Skipped without HAProxy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, get, request } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAuthority, issueServerCertificate } from '../../src/server/tls/sign-certificate.ts'
import { findDebianProgram } from '../debian-program.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'

const haproxyPath = await findDebianProgram('haproxy', 'haproxy')
let system: CliSystem
let folder: string
/** CA of the public name, as clients of HAProxy have it. */
let publicCa: string
let haproxy: ChildProcess | undefined

beforeAll(async () => {
  system = await startCliSystem({ CHANDLER_TLS: 'true', CHANDLER_TRUSTED_PROXIES: '127.0.0.1' })
  folder = await mkdtemp(join(tmpdir(), 'chandler-haproxy-'))
  const authority = await createAuthority(Date.now())
  const { certificate, privateKey } = await issueServerCertificate(authority, ['localhost'], Date.now())
  publicCa = authority.certificate
  const [response] = await once(get(`${system.server}/ca.pem`, { rejectUnauthorized: false }), 'response')
  await writeFile(join(folder, 'server-ca.pem'), await text(response))
  await writeFile(join(folder, 'other-ca.pem'), publicCa)
  await writeFile(join(folder, 'public.pem'), `${certificate}\n${privateKey}`)
})
beforeEach(({ skip }) => skip(haproxyPath === undefined, 'this machine has no HAProxy, and apt-get cannot fetch it'))
afterEach(async () => {
  if (haproxy === undefined || haproxy.exitCode !== null) return
  const ended = once(haproxy, 'exit')
  haproxy.kill('SIGKILL')
  await ended
  haproxy = undefined
})
afterAll(async () => {
  await system?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Starts it with one server, whose CA is expected to be the one in this file. Returns its URL. */
async function start(caFile: string, verifiedHost = 'localhost'): Promise<string> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  await once(free.close(), 'close')
  const page = await readFile(new URL('../../deploy/haproxy.cfg', import.meta.url), 'utf8')
  const config = page
    // Only root may raise the limit of open files for it.
    .replace(/^ {2}maxconn .*\n/m, '')
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace('/etc/haproxy/tls/chandler.example.pem', join(folder, 'public.pem'))
    .replace('/etc/haproxy/tls/chandler-ca.pem', join(folder, caFile))
    .replace(/^ {2}server chandler-[23] .*\n/gm, '')
    .replace('10.0.0.1:7443', new URL(system.server).host)
    .replace('verifyhost chandler-1', `verifyhost ${verifiedHost}`)
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, config)
  haproxy = spawn(haproxyPath ?? '', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  return `https://localhost:${port}`
}

async function ask(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const [response] = await once(get(url, { ca: publicCa, agent: new Agent() }), 'response')
  return { status: response.statusCode as number, body: await text(response) }
}
async function createToken(url: string): Promise<{ readonly token: string }> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Basic ${btoa('test:a-secret-for-this-test-only')}`,
  }
  const sent = request(`${url}/api/v1/join-tokens`, { method: 'POST', ca: publicCa, agent: new Agent(), headers })
  sent.end('{"uses":1}')
  const [response] = await once(sent, 'response')
  return (await json(response)) as { token: string }
}
const statusOf = (url: string) =>
  ask(url).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  )

test('with the CA of the server, requests and agents pass', async () => {
  const url = await start('server-ca.pem')
  await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 110_000 }).toBe(200)
  const { token } = await createToken(url)
  const options = ['--ca', join(folder, 'other-ca.pem'), '--token', token, '--state', join(folder, 'state')]
  const agent = system.start('agent', '--server', url, '--name', 'behind', ...options)
  await agent.said(`connected to ${url}`)
  agent.child.kill('SIGTERM')
  await agent.ended
})

test.each([
  ['another CA', 'other-ca.pem', 'localhost'],
  ['another name', 'server-ca.pem', 'chandler-9.example'],
])('a server with %s gets no requests', async (_case, caFile, host) => {
  const url = await start(caFile, host)
  let logged = ''
  haproxy?.stderr?.on('data', (data: Buffer) => (logged += data.toString()))
  // Its check of the server has failed.
  await expect.poll(() => logged, { timeout: 110_000 }).toMatch(/Server servers\/chandler-1 is DOWN.*(SSL|handshake)/)
  expect(await statusOf(`${url}/readyz`)).toBe(503)
})
