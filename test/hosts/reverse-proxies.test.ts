/**
 * The configurations in examples/reverse-proxy, each with the real proxy: event streams, agents, and
 * the addresses of clients. Skipped without the program (Debian: nginx-light, haproxy, caddy).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, get, type RequestOptions } from 'node:https'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAuthority, issueServerCertificate } from '../../src/server/tls/sign-certificate.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { projectRoot } from '../rules/project-files.ts'

const examples = join(projectRoot, 'examples/reverse-proxy')
const authorization = `Basic ${Buffer.from('test:a-secret-for-this-test-only').toString('base64')}`
let system: CliSystem
let folder: string
let ca: string
let proxy: ChildProcess | undefined

beforeAll(async () => {
  system = await startCliSystem({ CHANDLER_TRUSTED_PROXIES: '127.0.0.1' })
  // nginx as root has workers of another user.
  folder = await mkdtemp(join(tmpdir(), 'chandler-proxy-'))
  await chmod(folder, 0o755)
  const authority = await createAuthority(Date.now())
  const { certificate, privateKey } = await issueServerCertificate(
    authority,
    ['localhost', 'chandler.example'],
    Date.now(),
  )
  ca = authority.certificate
  await Promise.all([
    writeFile(join(folder, 'ca.pem'), ca),
    writeFile(join(folder, 'cert.pem'), certificate),
    writeFile(join(folder, 'key.pem'), privateKey),
    writeFile(join(folder, 'both.pem'), `${certificate}\n${privateKey}`),
  ])
})
afterEach(async () => {
  if (proxy === undefined || proxy.exitCode !== null) return
  const ended = once(proxy, 'exit')
  proxy.kill('SIGKILL')
  await ended
  proxy = undefined
})
afterAll(async () => {
  await system?.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Proxy {
  readonly program: string
  /** The example with the addresses and files of the test. */
  render(port: number): Promise<{ readonly file: string; readonly args: readonly string[] }>
}

/** Replaces texts that the example must contain, each once or more. */
async function adapt(example: string, replacements: readonly (readonly [string, string])[]): Promise<string> {
  let config = await readFile(join(examples, example), 'utf8')
  for (const [from, to] of replacements) {
    if (!config.includes(from)) throw new Error(`examples/reverse-proxy/${example} no longer contains ${from}`)
    config = config.replaceAll(from, to)
  }
  return config
}

const upstream = () => ['127.0.0.1:7443', new URL(system.server).host] as const

const proxies: Record<string, Proxy> = {
  nginx: {
    program: '/usr/sbin/nginx',
    async render(port) {
      const site = await adapt('nginx.conf', [
        upstream(),
        ['listen 443', `listen 127.0.0.1:${port}`],
        ['/etc/nginx/tls/chandler.example.crt', join(folder, 'cert.pem')],
        ['/etc/nginx/tls/chandler.example.key', join(folder, 'key.pem')],
      ])
      const file = join(folder, 'nginx.conf')
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${folder}/${name};`)
        .join('\n')
      await writeFile(
        file,
        `daemon off; master_process off; error_log stderr; pid ${folder}/nginx.pid;\nevents {}\nhttp { access_log off;\n${paths}\n${site}\n}`,
      )
      return { file, args: ['-p', folder, '-e', 'stderr', '-c', file] }
    },
  },
  haproxy: {
    program: '/usr/sbin/haproxy',
    async render(port) {
      const file = join(folder, 'haproxy.cfg')
      await writeFile(
        file,
        await adapt('haproxy.cfg', [
          upstream(),
          // The limit of open files of this process is lower.
          ['maxconn 25000', 'maxconn 500'],
          ['bind :443', `bind 127.0.0.1:${port}`],
          ['/etc/haproxy/tls/chandler.example.pem', join(folder, 'both.pem')],
        ]),
      )
      return { file, args: ['-db', '-f', file] }
    },
  },
  caddy: {
    program: '/usr/bin/caddy',
    async render(port) {
      const file = join(folder, 'Caddyfile')
      const site = await adapt('Caddyfile', [
        upstream(),
        ['chandler.example {', `https://localhost:${port} {\n\tbind 127.0.0.1`],
        ['/etc/caddy/tls/chandler.example.crt', join(folder, 'cert.pem')],
        ['/etc/caddy/tls/chandler.example.key', join(folder, 'key.pem')],
      ])
      await writeFile(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`)
      return { file, args: ['run', '--adapter', 'caddyfile', '--config', file] }
    },
  },
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts the proxy and waits until it accepts connections. */
async function start({ program, render }: Proxy): Promise<string> {
  const port = await findFreePort()
  const { args } = await render(port)
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { HOME: folder, PATH: '/usr/bin:/bin' },
  })
  proxy = child
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  await expect
    .poll(
      async () => {
        if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}:\n${output}`)
        const socket = connect(port, '127.0.0.1')
        return Promise.race([
          once(socket, 'connect').then(() => true),
          once(socket, 'error').then(() => false),
        ]).finally(() => socket.destroy())
      },
      { timeout: 110_000 },
    )
    .toBe(true)
  return `https://localhost:${port}`
}

async function ask(url: string, options: RequestOptions = {}) {
  const [response] = await once(
    get(url, { ca, agent: new Agent(), headers: { authorization }, ...options }),
    'response',
  )
  return { status: response.statusCode as number, body: await text(response) }
}

test.for(Object.keys(proxies))(
  '%s passes event streams at once, connections of agents, and the address of the client only',
  { timeout: 120_000 },
  async (name, { skip }) => {
    const { program, render } = proxies[name] as Proxy
    skip(!existsSync(program), `${program} is not installed`)
    const url = await start({ program, render })
    // HAProxy serves 503 until its first check of the server.
    await expect.poll(async () => (await ask(`${url}/healthz`)).status, { timeout: 110_000 }).toBe(200)

    const events = get(`${url}/api/v1/events`, { ca, agent: new Agent(), headers: { authorization } })
    const [stream] = await once(events, 'response')
    expect(stream.statusCode).toBe(200)
    let received = ''
    stream.on('data', (data: Buffer) => (received += data.toString()))
    await expect.poll(() => received).toContain('event: changed')
    received = ''

    const { token } = await system.json<{ token: string }>('token', 'create', '--tag', `proxy=${name}`)
    const options = ['--ca', join(folder, 'ca.pem'), '--token', token, '--state', join(folder, `state-${name}`)]
    const agent = system.start('agent', '--server', url, '--name', name, ...options)
    await agent.said(`connected to ${url}`)
    await expect.poll(() => received, { timeout: 110_000 }).toContain('"instances":true')
    const ran = await system.run('run', '--targets', `tag:proxy=${name}`, 'echo through the proxy')
    expect(ran.stdout + ran.stderr).toContain('through the proxy')
    agent.child.kill('SIGTERM')
    await agent.ended
    events.destroy()

    // A client that claims another address: the audit log has the one that the proxy saw.
    const forged = await ask(`${url}/api/v1/whoami`, {
      localAddress: '127.0.0.9',
      headers: {
        authorization: `Basic ${Buffer.from('test:wrong').toString('base64')}`,
        'x-forwarded-for': '203.0.113.6',
      },
    })
    expect(forged.status).toBe(401)
    // Failed sign-ins are written in batches.
    const readLog = async () => (await ask(`${url}/api/v1/audit-log`)).body
    await expect.poll(readLog, { timeout: 110_000, interval: 200 }).toContain('"source":"127.0.0.9"')
    expect(await readLog()).not.toContain('203.0.113.6')
  },
)
