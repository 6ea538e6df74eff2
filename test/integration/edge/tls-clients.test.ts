/** The CLI, the join command and the agent against a server with a CA of its own. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startForwardProxy } from '../agent/tls-server.ts'
import { type CliSystem, startCliSystem } from '../cli/cli-system.ts'

const run = promisify(execFile)
let system: CliSystem
let folder: string
let digest: string
const wrong = '0'.repeat(64)
const login = (server: string, ...options: string[]) =>
  system.run('login', '--server', server, '--access-key-id', 'test', ...options)

beforeAll(async () => {
  system = await startCliSystem({ CHANDLER_TLS: 'true', CHANDLER_TLS_NAMES: 'chandler.test' })
  folder = await mkdtemp(join(tmpdir(), 'chandler-tls-'))
  const [response] = await once(get(`${system.server}/ca.der`, { rejectUnauthorized: false }), 'response')
  digest = createHash('sha256')
    .update(await buffer(response))
    .digest('hex')
})
afterAll(async () => {
  await system?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('login names what is wrong with the server, saves nothing then, and pins the CA', async () => {
  const untrusted = await login(system.server)
  expect(untrusted).toMatchObject({ code: 4, stdout: '' })
  expect(untrusted.stderr).toContain('use --ca-sha256')
  const other = await login(system.server, '--ca-sha256', wrong)
  expect(other.code).toBe(1)
  expect(other.stderr).toContain(`has the SHA-256 ${digest}, not ${wrong}`)
  const plain = await login('http://chandler.test:7443')
  expect(plain.code).toBe(2)
  expect(plain.stderr).toContain('--insecure-http')
  const profiles = join(system.folder, '.config/chandler/profiles.json')
  await expect(access(profiles)).rejects.toThrow('ENOENT')

  expect(await login(system.server, '--ca-sha256', digest)).toMatchObject({ code: 0 })
  expect(JSON.parse(await readFile(profiles, 'utf8')).default.ca).toContain('BEGIN CERTIFICATE')
  expect(await system.json('whoami')).toMatchObject({ accountId: 'default' })
})

test('a file with the CA verifies the server, too', async () => {
  const caFile = join(folder, 'ca.pem')
  const [response] = await once(get(`${system.server}/ca.pem`, { rejectUnauthorized: false }), 'response')
  await writeFile(caFile, await buffer(response))
  expect(await login(system.server, '--ca', caFile, '--profile', 'file')).toMatchObject({ code: 0 })
  expect(await system.run('whoami', '--profile', 'file')).toMatchObject({ code: 0 })
})

test('the join command as it is printed installs an agent that has pinned the CA', { timeout: 240_000 }, async () => {
  await login(system.server, '--ca-sha256', digest)
  const { stdout, stderr } = await system.run('token', 'create')
  expect(stderr).toContain('Only this machine reaches that address')
  const [prefix, state] = [join(folder, 'agent'), join(folder, 'state')]
  const command = stderr
    .split('\n')
    .filter((line) => line.startsWith('  ') && !line.includes('Only this machine'))
    .join('\n')
    .replace('sudo ', '')
    .replace(`--token ${stdout.trim()}`, `--token ${stdout.trim()} --no-service --prefix ${prefix} --state ${state}`)

  const temporary = join(folder, 'temporary')
  await mkdir(temporary)
  const env = { ...process.env, TMPDIR: temporary }
  const runIt = (what: string) => run('sh', ['-c', what], { env })

  const refused = await runIt(command.replaceAll(digest, wrong)).catch((error: { stdout: string }) => error)
  expect(refused.stdout).toContain('FAILED')
  // The digest of the first step only: the script compares it again.
  const late = command.replace(`--ca-sha256 ${digest}`, `--ca-sha256 ${wrong}`)
  const failed = await runIt(late).catch((error: { stderr: string }) => error)
  expect(failed.stderr).toContain(`has the SHA-256 ${digest}, not ${wrong}`)
  await expect(access(prefix)).rejects.toThrow('ENOENT')

  expect((await runIt(command)).stdout).toContain('enrolled as i-')
  // Other users of the machine could replace what is left there between two steps.
  expect(await readdir(temporary)).toEqual([])
  expect(JSON.parse(await readFile(join(state, 'server-trust.json'), 'utf8')).pinned.given).toBe(digest)
  const agent = system.start('agent', '--server', system.server, '--state', state)
  await agent.said(`connected to ${system.server}`)
  const ran = await system.run('run', '--targets', 'all', 'echo over TLS')
  expect(ran.stdout + ran.stderr).toContain('over TLS')
  agent.child.kill('SIGTERM')
  await agent.ended
})

test('install.sh refuses plain HTTP beyond loopback', async () => {
  const script = join(import.meta.dirname, '../../../src/server/agent-bundle/install.sh')
  const options = ['--token', 'ct_x', '--no-service', '--prefix', join(folder, 'p'), '--state', join(folder, 's')]
  for (const server of ['http://10.0.0.1:7443', 'http://127.0.0.1.example', 'http://localhost.example:80/x']) {
    const refused = await run('sh', [script, '--server', server, ...options]).catch((error: object) => error)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is plain HTTP') })
  }
  const wrongOption = await run('sh', [script, '--server', 'http://localhost', '--ca-sha256', wrong, ...options]).catch(
    (error: object) => error,
  )
  expect(wrongOption).toMatchObject({ code: 2, stderr: expect.stringContaining('begins with https://') })
})

test('the CLI and the agent reach the server through a forward proxy', async () => {
  const proxy = await startForwardProxy()
  const { port } = new URL(system.server)
  const server = `https://chandler.test:${port}`
  const environment = { HTTPS_PROXY: proxy.url }
  const through = (...args: string[]) => system.startWith(environment, ...args)
  const key = ['--access-key-id', 'test', '--ca-sha256', digest, '--profile', 'proxied']
  expect(await through('login', '--server', server, ...key).ended).toMatchObject({ code: 0 })
  const created = await through('token', 'create', '--profile', 'proxied').ended
  const options = ['--ca-sha256', digest, '--token', created.stdout.trim(), '--state', join(folder, 'proxied')]
  const agent = through('agent', '--server', server, '--name', 'proxied', ...options)
  await agent.said(`connected to ${server}`)
  agent.child.kill('SIGTERM')
  await agent.ended
  expect(new Set(proxy.connected.map((line) => line.split(' ')[0]))).toEqual(new Set([`chandler.test:${port}`]))
  expect(proxy.connected.length).toBeGreaterThanOrEqual(5)
  proxy.close()
})
