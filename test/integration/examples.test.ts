import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { readExtension } from '../../src/cli/extension/read-extension.ts'
import { digestFile } from '../../src/lib/digest.ts'
import { extensionManifestSchema } from '../../src/protocol/extension-manifest.ts'

const run = promisify(execFile)
const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
/** The tests work on copies: nothing is built in the checkout. */
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chandler-examples-'))
  await cp(examples, directory, { recursive: true, filter: (path) => !path.endsWith('/build') })
})
afterEach(() => rm(directory, { recursive: true }))

const build = (name: string, version: string) => run(join(directory, name, 'build.sh'), [version])
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

describe('demo-service', () => {
  interface Ran {
    code: number
    stdout: string
    stderr: string
  }
  let root: string
  beforeEach(async () => {
    root = join(directory, 'installed')
    await build('demo-service', '1.0.0')
  })
  afterEach(async () => {
    for (const instance of await readdir(root).catch(() => [])) await perform('uninstall', {}, instance)
  })

  /**
   * Runs a script as the agent does (design §5): in a workspace with the unpacked artifact, with
   * only this environment.
   */
  async function perform(script: string, parameters: Record<string, string> = {}, instance = 'i-1'): Promise<Ran> {
    const workspace = await mkdtemp(join(directory, 'workspace-'))
    const artifact = join(workspace, 'demo-service.tar.gz')
    await cp(join(directory, 'demo-service/build/demo-service.tar.gz'), artifact)
    await run('tar', ['-xzf', artifact, '-C', workspace])
    const given = { port: '0', greeting: 'Hello', token: '', runtime: process.execPath, directory: root, ...parameters }
    const environment = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: directory,
      LANG: 'C.UTF-8',
      CHANDLER_PACKAGE: artifact,
      CHANDLER_ACTION: 'install',
      CHANDLER_EXTENSION: 'demo-service',
      CHANDLER_VERSION: 'v1',
      CHANDLER_PREVIOUS_VERSION: '',
      CHANDLER_EXECUTION_ID: 'exec-1',
      CHANDLER_INSTANCE_ID: instance,
      CHANDLER_WORKSPACE: workspace,
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`CHANDLER_PARAM_${name}`, value])),
    }
    const path = join(workspace, 'script')
    await cp(join(directory, 'demo-service', `${script}.sh`), path)
    const ran = await run(path, [], { cwd: workspace, env: environment }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: Ran) => ({ code, stdout, stderr }),
    )
    await rm(workspace, { recursive: true })
    return ran
  }
  async function install(parameters: Record<string, string> = {}, instance = 'i-1') {
    const { code, stderr } = await perform('install', parameters, instance)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return addressOf(instance)
  }
  const addressOf = async (instance = 'i-1') => (await perform('output', {}, instance)).stdout.trim()
  const home = (instance = 'i-1') => join(root, instance, 'demo-service')
  const pidOf = async (instance = 'i-1') => Number(await readFile(join(home(instance), 'run/pid'), 'utf8'))
  const say = async (url: string) => (await fetch(url)).text()
  const healthOf = async (url: string) => (await fetch(new URL('health', url))).json()
  /** A zombie has no command line. */
  const runs = async (pid: number) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== ''

  test('builds reproducible bytes', async () => {
    const path = join(directory, 'demo-service/build/demo-service.tar.gz')
    const first = await digestFile(path)
    await build('demo-service', '1.0.0')
    expect(await digestFile(path)).toEqual(first)
    await build('demo-service', '1.0.1')
    expect(await digestFile(path)).not.toEqual(first)
  })

  test.each(['node', 'python3'])('installed with %s it answers, is installed again, and is gone', async (runtime) => {
    const found = runtime === 'node' ? process.execPath : (await run('which', [runtime])).stdout.trim()
    const url = await install({ greeting: 'Grüße, "quoted" $HOME', runtime: found })
    const pid = await pidOf()
    expect(await say(url)).toBe('Grüße, "quoted" $HOME\n')
    expect(await healthOf(url)).toEqual({ status: 'ok', version: '1.0.0', pid })
    expect((await fetch(new URL('nothing', url))).status).toBe(404)
    expect((await perform('check')).code).toBe(0)

    expect(await install({ greeting: 'again', runtime: found }), 'the port is kept').toBe(url)
    expect(await say(url)).toBe('again\n')
    expect(await runs(pid)).toBe(false)

    const last = await pidOf()
    expect(await perform('uninstall')).toMatchObject({ code: 0, stderr: '' })
    expect(await runs(last)).toBe(false)
    expect(await isThere(join(root, 'i-1'))).toBe(false)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    expect(await perform('uninstall')).toMatchObject({ code: 0, stderr: '' })
    expect((await perform('check')).code).not.toBe(0)
  })

  test('instances on one machine do not conflict', async () => {
    const urls = await Promise.all(['i-1', 'i-2', 'i-3'].map((instance) => install({ greeting: instance }, instance)))
    expect(await Promise.all(urls.map(say))).toEqual(['i-1\n', 'i-2\n', 'i-3\n'])
    await perform('uninstall', {}, 'i-2')
    expect(await say(urls[0] as string)).toBe('i-1\n')
    expect(await say(urls[2] as string)).toBe('i-3\n')
  })

  test('an update keeps the port and installs the new version', async () => {
    const url = await install()
    await build('demo-service', '1.1.0')
    expect(await install({ greeting: 'new' })).toBe(url)
    expect(await healthOf(url)).toMatchObject({ version: '1.1.0' })
    expect(await readdir(home())).toEqual(expect.not.arrayContaining(['previous', 'new']))
  })

  test('an update that does not become healthy rolls back to the old version', async () => {
    const url = await install({ greeting: 'old' })
    await build('demo-service', '1.1.0')
    const taken = createServer().listen(0, '127.0.0.1')
    try {
      await once(taken, 'listening')
      const { port } = taken.address() as AddressInfo
      const { code, stdout, stderr } = await perform('install', { greeting: 'new', port: String(port) })
      expect(code).toBe(2)
      expect(stderr).toContain('EADDRINUSE')
      expect(stdout).toContain('put back: demo-service 1.0.0 runs again')
    } finally {
      taken.close()
    }
    expect(await addressOf()).toBe(url)
    expect(await say(url)).toBe('old\n')
    expect(await healthOf(url)).toMatchObject({ version: '1.0.0' })
  })

  test.each(['node', 'python3'])('a kept port that somebody has taken since is given up (%s)', async (runtime) => {
    const found = runtime === 'node' ? process.execPath : (await run('which', [runtime])).stdout.trim()
    const url = await install({ runtime: found })
    process.kill(await pidOf(), 'SIGKILL')
    const taken = createServer((_, response) => response.end('{"status":"ok","pid":1}'))
    try {
      await vi.waitFor(
        async () => {
          taken.listen(Number(new URL(url).port), '127.0.0.1')
          await once(taken, 'listening')
        },
        { timeout: 110_000 },
      )
      expect(await install({ runtime: found })).not.toBe(url)
      expect((await perform('check', { runtime: found })).code).toBe(0)
    } finally {
      taken.close()
    }
  })

  test('a failed first install leaves nothing', async () => {
    const { code, stderr } = await perform('install', { runtime: '/nowhere/node' })
    expect(code).toBe(4)
    expect(stderr).toContain('/nowhere/node, which is not an executable file')
    expect(await isThere(join(root, 'i-1'))).toBe(false)
  })

  test('an incomplete package does not affect the installed version', async () => {
    const url = await install({ greeting: 'old' })
    const pid = await pidOf()
    await rm(join(directory, 'demo-service/package/democtl'))
    await writeFile(join(directory, 'demo-service/build/demo-service.tar.gz'), await emptyArchive())
    expect((await perform('install', { greeting: 'new' })).code).toBe(1)
    expect(await say(url)).toBe('old\n')
    expect(await pidOf()).toBe(pid)
  })
  async function emptyArchive() {
    await mkdir(join(directory, 'empty'))
    await run('tar', ['-czf', join(directory, 'empty.tar.gz'), '-C', join(directory, 'empty'), '.'])
    return readFile(join(directory, 'empty.tar.gz'))
  }

  test('a killed service is restarted; a PID of another process is not touched', async () => {
    const url = await install()
    process.kill(await pidOf(), 'SIGKILL')
    // Another process (of this test) now has the pid.
    await writeFile(join(home(), 'run/pid'), `${process.pid}\n`)
    expect((await perform('check')).stderr).toContain('the service is not running')
    expect(await install({ greeting: 'back' })).toBe(url)
    expect(await say(url)).toBe('back\n')
    await perform('uninstall')
    expect(await isThere(root)).toBe(true)
  })

  test('a configured token is required, and appears in no process list and no log', async () => {
    const url = await install({ token: 'sesame42' })
    expect((await fetch(url)).status).toBe(401)
    expect((await fetch(url, { headers: { authorization: 'Bearer sesame43' } })).status).toBe(401)
    expect(await (await fetch(url, { headers: { authorization: 'Bearer sesame42' } })).text()).toBe('Hello\n')
    expect((await stat(join(home(), 'settings/token'))).mode & 0o077).toBe(0)
    expect(await readFile(join(home(), 'log'), 'utf8')).not.toContain('sesame')
  })

  test('its extension.yaml is valid', async () => {
    expect((await readExtension(join(directory, 'demo-service'))).problems).toEqual([])
  })
})

describe('hello-deb', () => {
  test('builds a package that contains its version, reproducibly', async ({ skip }) => {
    const dpkgDeb = await run('which', ['dpkg-deb']).then(
      () => true,
      () => false,
    )
    skip(!dpkgDeb, 'dpkg-deb is on Debian and Ubuntu only')
    const path = join(directory, 'hello-deb/build/chandler-hello.deb')
    await build('hello-deb', '1.0.0')
    const first = await digestFile(path)
    await build('hello-deb', '1.0.0')
    expect(await digestFile(path)).toEqual(first)

    await build('hello-deb', '1.1.0')
    const { stdout } = await run('dpkg-deb', ['--showformat=${Package} ${Version} ${Architecture}', '--show', path])
    expect(stdout).toBe('chandler-hello 1.1.0 all')
    await run('dpkg-deb', ['--extract', path, join(directory, 'extracted')])
    expect((await run(join(directory, 'extracted/usr/bin/chandler-hello'))).stdout).toBe(
      'hello from chandler-hello 1.1.0\n',
    )
    expect((await readExtension(join(directory, 'hello-deb'))).problems).toEqual([])
  })

  test('needs no script', async () => {
    const manifest = extensionManifestSchema.parse(
      parse(await readFile(join(directory, 'hello-deb/extension.yaml'), 'utf8')),
    )
    expect(manifest.configurations.map(({ install, uninstall }) => [install, uninstall])).toEqual([
      [undefined, undefined],
    ])
  })
})

test('seed-sample: the linter warns about the errors of the document, and accepts it', async () => {
  const { problems } = await readExtension(join(directory, 'seed-sample'))
  expect(problems).toMatchObject([
    { file: 'install.sh', severity: 'warning', message: expect.stringContaining('$nohup') },
  ])
})
