import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { normalizeArch } from '../../src/core/instance/arch.ts'
import { sha256Of } from '../../src/lib/digest.ts'
import { type ScriptRun, startPipedScript } from '../integration/agent/piped-script.ts'
import { findSystemdObstacle, makeScriptedSystemd } from '../integration/agent/scripted-systemctl.ts'
import { startSilentEnrolment } from '../integration/agent/silent-enrolment.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'

interface Instance {
  readonly id: string
  readonly name: string
  readonly status: string
}
const ownArch = normalizeArch(process.arch)
const otherArch = ownArch === 'arm64' ? 'x86_64' : 'arm64'

let system: CliSystem
/** The script as served. */
let script: string
let token: string
let folder: string
let prefix: string
let state: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  system = await startCliSystem()
  script = await (await fetch(`${system.server}/install.sh`)).text()
  token = await makeToken()
})
afterAll(() => system.stop())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-install-'))
  await chmod(folder, 0o755)
  prefix = join(folder, 'opt')
  state = join(folder, 'state')
})
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
  }
  await rm(folder, { recursive: true })
})

const tokenOptions = ['--uses', 'unlimited', '--allow-tag', 'env', '--allow-tag', 'note']
const makeToken = async (...options: string[]) =>
  (await system.json<{ token: string }>('token', 'create', ...tokenOptions, ...options)).token
const findInstance = async (name: string) =>
  (await system.json<Instance[]>('instance', 'list', '--name', name)).find((instance) => instance.name === name)

function start(args: readonly string[], options?: ScriptRun) {
  const started = startPipedScript(script, args, folder, options)
  children.add(started.child)
  started.child.once('close', () => children.delete(started.child))
  return started
}
const run = (args: readonly string[], options?: ScriptRun) => start(args, options).ended
const places = () => ['--prefix', prefix, '--state', state]
const install = (...args: string[]) => run(['--token', token, ...places(), '--no-service', ...args])

async function untilOnline(name: string): Promise<Instance> {
  await expect.poll(async () => (await findInstance(name))?.status, { timeout: 110_000, interval: 250 }).toBe('online')
  return (await findInstance(name)) as Instance
}

describe('the script itself', () => {
  // Only installed shells can run it; sh always is.
  const shells = ['sh', 'dash', 'bash', 'busybox'].filter((name) =>
    ['/bin', '/usr/bin'].some((place) => existsSync(join(place, name))),
  )
  test.each(shells)('%s can parse it', (shell) => {
    const { status, stderr } = spawnSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-n'], { input: script })
    expect([status, String(stderr)]).toEqual([0, ''])
  })

  test('an incomplete download of it does nothing', async () => {
    const whole = script
    try {
      script = whole.slice(0, whole.lastIndexOf('main "$@"'))
      expect(await install()).toEqual({ code: 0, said: '' })
      expect(await readdir(folder)).toEqual([])
    } finally {
      script = whole
    }
  })

  test.each([
    [['--no-such'], 'unknown option --no-such'],
    [['--token'], '--token needs a value'],
    [['--no-service=1'], '--no-service takes no value'],
    [[], 'a join token is needed'],
    [['--token', 'secret'], 'does not begin with ct_'],
    [['--token', 'ct_$(reboot)'], 'this is not a join token'],
    [['--prefix', 'opt'], '--prefix opt must begin with /'],
    [['--prefix', '/'], 'is not the plain name of a folder'],
    [['--state', '/var/../etc'], 'is not the plain name of a folder'],
    [['--state', '/a b'], '--state /a b has other characters than'],
    [['--state', '/a%n'], '--state /a%n has other characters than'],
    [['--token', 'ct_x', '--server', 'http://x;reboot'], '--server has characters'],
    [['--token', 'ct_x', '--server', 'x.example'], 'must begin with http'],
    [['--purge'], '--purge requires --uninstall'],
  ])('%j is refused before anything is done', async (args, why) => {
    const { code, said } = await run(args)
    expect([code, said]).toEqual([2, expect.stringContaining(why)])
  })

  test('its unit file keeps scripts alive, contains no token, and passes systemd-analyze', async () => {
    await install('--name', 'unit')
    const { code, said } = await run([...places(), '--print-unit'])
    expect(code).toBe(0)
    expect(said.split('\n')).toEqual(
      expect.arrayContaining([
        `ExecStart=${prefix}/current/bin/chandler-agent --server ${system.server} --state ${state}`,
        'Restart=always',
        'KillMode=process',
        'TasksMax=infinity',
        'WantedBy=multi-user.target',
      ]),
    )
    expect(said).not.toMatch(/token|ct_/i)
    const file = join(folder, 'chandler-agent.service')
    await writeFile(file, said)
    const verify = '/usr/bin/systemd-analyze'
    const found = existsSync(verify)
      ? spawnSync(verify, ['verify', file], { encoding: 'utf8' })
      : { status: 0, stderr: '' }
    expect(found).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('installing', () => {
  test('repeated, keeps the identity, and leaves no other files', async () => {
    expect(await install('--name', 'again')).toMatchObject({ code: 0 })
    const identity = await readFile(join(state, 'identity.json'), 'utf8')
    const version = await readlink(join(prefix, 'current'))
    // As if the existing one were older, and a still older one beside it.
    await rename(join(prefix, version), join(prefix, '0.0.9-older'))
    await rm(join(prefix, 'current'))
    await symlink('0.0.9-older', join(prefix, 'current'))
    await mkdir(join(prefix, '0.0.8-oldest/bin'), { recursive: true })
    await mkdir(join(prefix, 'somebody-elses'))
    for (const name of ['node', 'chandler-agent.mjs']) await writeFile(join(prefix, '0.0.8-oldest/bin', name), '')

    for (let time = 0; time < 2; time++) {
      const again = await install('--name', 'another name')
      expect(again).toEqual({ code: 0, said: expect.stringContaining('it keeps its identity') })
      expect(await readFile(join(state, 'identity.json'), 'utf8')).toBe(identity)
      expect(await readlink(join(prefix, 'current'))).toBe(version)
    }
    expect((await readdir(prefix)).sort()).toEqual([version, 'current', 'somebody-elses'].sort())
    expect(await findInstance('another name')).toBeUndefined()

    const kept = await run(['--uninstall', ...places(), '--no-service'])
    expect(kept).toMatchObject({ code: 0 })
    expect(await readdir(prefix)).toEqual(['somebody-elses'])
    expect(await readFile(join(state, 'identity.json'), 'utf8')).toBe(identity)
  })

  test('keeps only the previous version as an older one', async () => {
    expect(await install('--name', 'older')).toMatchObject({ code: 0 })
    const version = await readlink(join(prefix, 'current'))
    await rename(join(prefix, version), join(prefix, '0.0.9-older'))
    await rm(join(prefix, 'current'))
    await symlink('0.0.9-older', join(prefix, 'current'))
    expect(await install()).toMatchObject({ code: 0 })
    expect((await readdir(prefix)).sort()).toEqual(['0.0.9-older', version, 'current'])
    expect((await lstat(join(prefix, 'current'))).isSymbolicLink()).toBe(true)
  })

  test('reveals the token to no other program', async () => {
    const seen = join(folder, 'seen')
    const spies = join(folder, 'spies')
    await mkdir(spies)
    for (const name of ['curl', 'tar', 'sha256sum', 'sed', 'mv'])
      await writeFile(
        join(spies, name),
        `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${seen}'\nPATH=\${PATH#*:} exec ${name} "$@"\n`,
        { mode: 0o755 },
      )
    const file = join(folder, 'token')
    await writeFile(file, `${token}\n`, { mode: 0o600 })
    const args = ['--token-file', file, ...places(), '--no-service', '--name', 'quiet']
    const done = await run(args, { env: { PATH: `${spies}:${process.env['PATH']}` } })
    expect(done).toMatchObject({ code: 0 })
    expect(done.said).not.toContain(token)
    const arguments_ = await readFile(seen, 'utf8')
    expect(arguments_).toMatch(/^(curl|tar) /m)
    expect(arguments_).not.toContain(token)
    // grep exits with 1 when it has found nothing.
    expect(spawnSync('grep', ['-rqF', token, prefix, state]).status).toBe(1)
  })
})

describe('failures leave nothing behind', () => {
  const refusals: [string, () => Promise<string>, string][] = [
    ['is unknown', async () => 'ct_unknown', 'The join token is invalid. Create a token with'],
    ['is revoked', makeRevoked, 'The join token was revoked.'],
    ['is used up', makeUsedUp, 'The join token has reached its limit of 1 uses'],
  ]
  test.each(refusals)('a token that %s', async (_, make, why) => {
    const done = await run(['--token', await make(), ...places(), '--no-service'])
    expect(done).toEqual({ code: 1, said: expect.stringContaining(why) })
    expect(await readdir(folder)).toEqual([])
  })

  async function makeRevoked() {
    const revoked = await makeToken()
    const tokens = await system.json<{ id: string }[]>('token', 'list')
    await system.json('token', 'revoke', tokens.at(-1)?.id ?? '')
    return revoked
  }

  async function makeUsedUp() {
    const once = await makeToken('--uses', '1')
    const other = join(folder, 'other')
    const args = ['--prefix', join(other, 'opt'), '--state', join(other, 'state'), '--no-service', '--name', 'one use']
    expect(await run(['--token', once, ...args])).toMatchObject({ code: 0 })
    await rm(other, { recursive: true })
    return once
  }

  const whole = Buffer.from('not what was promised')
  const headers = { 'x-content-sha256': sha256Of('what was promised'), 'x-agent-program': '1.0.0-0123456789ab' }
  const bad: [string, RequestListener, string][] = [
    ['that is cut short', (_, reply) => void reply.writeHead(200, headers).end(whole.subarray(0, 5)), 'is damaged'],
    [
      'that breaks off',
      (_, reply) => {
        reply.writeHead(200, { ...headers, 'content-length': whole.length })
        reply.write(whole.subarray(0, 5), () => reply.destroy())
      },
      'broke off',
    ],
    ['of another server', (_, reply) => void reply.end('<html>'), 'is it a Chandler server'],
    ['that has moved', (_, reply) => void reply.writeHead(301, { location: 'https://x' }).end(), 'has moved'],
    [
      'that is no archive',
      (_, reply) => void reply.writeHead(200, { ...headers, 'x-content-sha256': sha256Of(whole) }).end(whole),
      'cannot unpack',
    ],
  ]
  test.each(bad)('a download %s', async (_, listener, why) => {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      expect(await install('--server', url)).toEqual({ code: 1, said: expect.stringContaining(why) })
      expect(await readdir(folder)).toEqual([])
    } finally {
      server.close()
    }
  })
})

describe('an installation that the agent cannot complete leaves nothing behind', () => {
  test('a tag that the token does not allow', async () => {
    const done = await install('--name', 'refused', '--tag', 'owner=me')
    expect(done).toEqual({ code: 1, said: expect.stringContaining('does not enrol this instance') })
    expect(await readdir(folder)).toEqual([])
    expect(await findInstance('refused')).toBeUndefined()
  })

  test('a tag that is none; a prefix that was there before stays', async () => {
    await mkdir(prefix)
    expect(await install('--tag', 'env')).toEqual({ code: 2, said: expect.stringContaining('a tag is KEY=VALUE') })
    expect([await readdir(folder), await readdir(prefix)]).toEqual([['opt'], []])
  })

  test('an end while it enrols', async () => {
    const silent = await startSilentEnrolment(system.server)
    try {
      const { child, ended } = start(['--token', token, '--server', silent.url, ...places(), '--no-service'])
      await silent.enrolling
      child.kill('SIGTERM')
      expect(await ended).toEqual({ code: 1, said: expect.stringContaining('interrupted') })
      // The key stays: the server may have accepted it, and the next run asks with it again.
      expect(await readdir(folder)).toEqual(['state'])
      expect(await readdir(state)).toEqual(['identity.json'])
    } finally {
      silent.close()
    }
  })
})

describe('removing', () => {
  test('where nothing is installed there is nothing to do', async () => {
    const done = await run(['--uninstall', '--purge', ...places()])
    expect(done).toEqual({ code: 0, said: `no agent is installed in ${prefix}\n` })
  })

  test('an agent without setup takes a token, and one that is downloaded for it', async () => {
    // As an earlier version answers: it knows no commands.
    const old = join(prefix, '0.0.9-0123456789ab')
    await mkdir(join(old, 'bin'), { recursive: true })
    await writeFile(join(old, 'bin/chandler-agent'), '#!/bin/sh\nexit 2\n', { mode: 0o755 })
    for (const name of ['node', 'chandler-agent.mjs']) await writeFile(join(old, 'bin', name), '')
    await symlink('0.0.9-0123456789ab', join(prefix, 'current'))
    const without = await run(['--uninstall', ...places(), '--no-service'])
    expect(without).toEqual({ code: 1, said: expect.stringContaining('Give --token') })
    expect((await readdir(prefix)).sort()).toEqual(['0.0.9-0123456789ab', 'current'])

    const env = { TMPDIR: join(folder, 'tmp') }
    await mkdir(env.TMPDIR)
    const done = await run(['--uninstall', '--token', token, ...places(), '--no-service'], { env })
    expect(done).toEqual({ code: 0, said: expect.stringContaining(`removed the agent from ${prefix}`) })
    expect([await readdir(folder), await readdir(env.TMPDIR)]).toEqual([['tmp'], []])
  })
})

describe('with a service manager', () => {
  const obstacle = findSystemdObstacle()
  test('installs, replaces an earlier version, keeps it when the new one does not start, and removes', async ({
    skip,
  }) => {
    skip(obstacle !== undefined, `no scripted service manager here: ${obstacle}`)
    const systemd = await makeScriptedSystemd(folder)
    const { inside, units } = systemd
    const setUp = (...args: string[]) => run([...places(), ...args], { inside })
    const token_ = ['--token', token]
    const unitFile = join(units, 'chandler-agent.service')
    const command = (...args: string[]) =>
      spawnSync(inside[0] ?? '', [...inside.slice(1), ...args], { encoding: 'utf8' })

    expect(await setUp(...token_, '--name', 'service')).toEqual({
      code: 0,
      said: expect.stringContaining('systemd runs it'),
    })
    const { id } = await untilOnline('service')
    const unit = await readFile(unitFile, 'utf8')
    expect(unit).toContain(
      `\nExecStart=${prefix}/current/bin/chandler-agent --server ${system.server} --state ${state}\n`,
    )
    const status = command(join(prefix, 'current/bin/chandler-agent'), 'setup', 'status', '--state', state)
    expect([status.status, status.stdout]).toEqual([0, expect.stringContaining(`instance:       ${id}`)])
    expect(status.stdout).toContain('active, enabled')

    // As an installation by an earlier install.sh: another version in use, started by the same unit.
    const version = await readlink(join(prefix, 'current'))
    const older = '0.0.9-0123456789ab'
    expect(command('systemctl', 'stop').status).toBe(0)
    await rename(join(prefix, version), join(prefix, older))
    await rm(join(prefix, 'current'))
    await symlink(older, join(prefix, 'current'))
    expect(command('systemctl', 'start').status).toBe(0)
    await untilHeld()
    const before = await systemd.readPid()

    await systemd.refuse(version)
    const refused = await setUp(...token_)
    expect(refused).toEqual({ code: 1, said: expect.stringContaining('systemd does not start the agent') })
    expect(refused.said).toContain('What was changed before is undone')
    expect(await readdir(prefix)).toEqual([older, 'current'])
    expect([await readlink(join(prefix, 'current')), await readFile(unitFile, 'utf8')]).toEqual([older, unit])
    const restarted = await systemd.readPid()
    expect(restarted).not.toBe(before)
    await untilHeld()

    await systemd.refuse(undefined)
    expect(await setUp(...token_)).toMatchObject({ code: 0 })
    expect((await readdir(prefix)).sort()).toEqual([older, version, 'current'].sort())
    expect(await readlink(join(prefix, 'current'))).toBe(version)
    expect((await untilOnline('service')).id).toBe(id)
    expect(await systemd.readPid()).not.toBe(restarted)

    const removed = await setUp('--uninstall', '--purge')
    expect(removed).toEqual({ code: 0, said: expect.stringContaining('removed the service chandler-agent.service') })
    expect(await systemd.readPid()).toBeUndefined()
    expect(await readdir(units)).toEqual([])
    expect([existsSync(prefix), existsSync(state)]).toEqual([false, false])
  })

  /** Until the agent that the service has started holds the state directory. */
  const untilHeld = () =>
    expect.poll(() => existsSync(join(state, 'agent.lock')), { timeout: 110_000, interval: 50 }).toBe(true)
})

describe('the agent bundle', () => {
  const ask = (arch: string, authorization = `Bearer ${token}`) =>
    fetch(`${system.server}/agent/bundle.tar.gz?os=linux&arch=${arch}`, { headers: { authorization } })

  test('is an archive that is built once, with its digest', async () => {
    const first = await ask(ownArch)
    const bytes = Buffer.from(await first.arrayBuffer())
    expect(first.headers.get('x-content-sha256')).toBe(sha256Of(bytes))
    expect(first.headers.get('etag')).toBe(`"${sha256Of(bytes)}"`)
    const directory = join(system.folder, 'server/agent-bundles')
    const [name, ...others] = await readdir(directory)
    expect(others).toEqual([])
    // A removed archive is built again, identical to the byte.
    await rm(join(directory, name ?? ''))
    const second = await ask(ownArch)
    expect(sha256Of(Buffer.from(await second.arrayBuffer()))).toBe(sha256Of(bytes))
    expect(await readdir(directory)).toEqual([name])
  })

  test('is available for another architecture only with a Node.js for it, which an operator can add', async () => {
    const without = await ask(otherArch)
    expect([without.status, await without.json()]).toEqual([
      404,
      expect.objectContaining({
        code: 'AgentBundleUnavailable',
        detail: expect.stringContaining(`agent-node/linux-${otherArch}/node`),
      }),
    ])
    const runtime = join(system.folder, `server/agent-node/linux-${otherArch}`)
    await mkdir(runtime, { recursive: true })
    await writeFile(join(runtime, 'node'), await readFile(process.execPath))
    const wrong = await ask(otherArch)
    expect(await wrong.json()).toMatchObject({ detail: expect.stringContaining(`no Linux program for ${otherArch}`) })
    const header = Buffer.alloc(64)
    header.write('\x7fELF', 'latin1')
    header.writeUInt16LE(otherArch === 'arm64' ? 183 : 62, 18)
    await writeFile(join(runtime, 'node'), header)
    const laid = await ask(otherArch)
    expect([laid.status, laid.headers.get('content-type')]).toEqual([200, 'application/gzip'])
    await laid.body?.cancel()
  })

  test.each([
    ['nobody', ''],
    ['a wrong token', 'Bearer ct_wrong'],
    ['an access key', `Basic ${Buffer.from('test:a-secret-for-this-test-only').toString('base64')}`],
  ])('is not available for %s', async (_, authorization) => {
    const answer = await ask(ownArch, authorization)
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: 'JoinTokenInvalid' })])
  })
})
