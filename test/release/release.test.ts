/** A release as its users get it: the npm package in an empty folder, the files of the .deb, equal bytes. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { startProgram } from '../faults/program.ts'
import { findDatabaseEnvironment } from '../integration/database/database-user.ts'

const run = promisify(execFile)
const project = fileURLToPath(new URL('../..', import.meta.url))
const platform = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64'

let folder: string
let release: string
let version: string
let deb: string
let said: string

async function build(output: string, ...options: readonly string[]): Promise<string> {
  const args = ['scripts/release/main.ts', '--fast', `--platform=${platform}`, `--output=${output}`, ...options]
  // Neither the umask nor the time zone of the machine may matter.
  const command = `umask ${options.includes('--only=npm') ? '077' : '022'}; exec "$0" "$@"`
  const { stdout } = await run('sh', ['-c', command, process.execPath, ...args], { cwd: project, maxBuffer: 1 << 24 })
  return stdout
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-release-'))
  await chmod(folder, 0o755)
  release = join(folder, 'release')
  said = await build(release, '--only=npm', '--only=deb')
  ;({ version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { version: string })
  deb = join(release, `chandler_${version}_${platform === 'linux-arm64' ? 'arm64' : 'amd64'}.deb`)
  await run('dpkg-deb', ['--extract', deb, join(folder, 'root')])
}, 900_000)
afterAll(() => rm(folder, { recursive: true }))

/** Starts a server of a release until the end of the test, and creates a join token at it. */
async function startServer(program: string, data: string): Promise<{ readonly url: string; readonly token: string }> {
  const server = startProgram(
    ['server', '--config', '/dev/null', '--data', data, '--listen', '127.0.0.1:0'],
    await findDatabaseEnvironment(),
    [program],
  )
  onTestFinished(async () => {
    await server.end('SIGTERM')
  })
  const url = (await server.says(/^chandler listening on /)).replace('chandler listening on ', '')
  const credentials = await readFile(join(data, 'initial-credentials'), 'utf8')
  const environment = Object.fromEntries(
    credentials.split('\n').flatMap((line) => (line.startsWith('CHANDLER_') ? [line.split('=', 2)] : [])),
  ) as Record<string, string>
  const { stdout } = await run(program, ['token', 'create'], {
    env: { ...process.env, ...environment, CHANDLER_SERVER: url },
  })
  return { url, token: stdout.trim() }
}

test('every artifact has its checksum, and a release without a key says that it is not signed', async () => {
  expect(said).toContain('NOT SIGNED')
  const { stdout } = await run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: release })
  const names = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/: OK$/, ''))
  expect(names.toSorted()).toEqual((await readdir(release)).filter((name) => name !== 'SHA256SUMS').toSorted())
})

test('a second build gives the same bytes', async () => {
  const second = join(folder, 'second')
  await build(second, '--only=deb')
  const sums = (text: string) => text.split('\n').filter((line) => !line.endsWith('.tgz'))
  expect(sums(await readFile(join(second, 'SHA256SUMS'), 'utf8'))).toEqual(
    sums(await readFile(join(release, 'SHA256SUMS'), 'utf8')),
  )
}, 900_000)

test('the bill of materials lists what the server runs on, and no tool of the developers', async () => {
  const text = await readFile(join(release, `chandler-${version}.cdx.json`), 'utf8')
  const { bomFormat, components } = JSON.parse(text) as { bomFormat: string; components: { name: string }[] }
  expect(bomFormat).toBe('CycloneDX')
  const names = components.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['fastify', 'pg', 'zod']))
  expect(names).not.toContain('vitest')
  expect(names).not.toContain('vite')
})

test('the compose file builds the image of this version from the Containerfile', async () => {
  const read = (name: string) => readFile(join(release, name), 'utf8')
  const { services } = parse(await read('compose.yaml')) as {
    services: { chandler: { image: string; build: { dockerfile: string; args: Record<string, string> } } }
  }
  const { image, build: built } = services.chandler
  expect(image).toBe(`chandler:\${CHANDLER_IMAGE_VERSION:-${version}}`)
  expect(built).toMatchObject({ dockerfile: 'Containerfile', args: { VERSION: expect.stringContaining(version) } })
  const lines = (await read('Containerfile')).split('\n')
  expect(lines.filter((line) => /^(?:FROM|USER|ENTRYPOINT|COPY) /.test(line))).toEqual([
    'FROM docker.io/library/debian:12-slim',
    'COPY chandler-${VERSION}-linux-*.tar.gz /tmp/',
    'USER chandler',
    'ENTRYPOINT ["chandler"]',
  ])
})

test('the npm package runs in an empty folder: server, console and agents', async () => {
  const place = join(folder, 'empty')
  await mkdir(place)
  const tarball = join(release, `chandler-${version}.tgz`)
  // Without install scripts, as npm runs by default for packages that are not approved.
  await run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], {
    cwd: place,
    maxBuffer: 1 << 24,
  })
  const program = join(place, 'node_modules/.bin/chandler')
  expect((await run(program, ['--version'])).stdout).toBe(`${version}\n`)
  const { url, token } = await startServer(program, join(place, 'data'))
  const page = await fetch(`${url}/`, { headers: { accept: 'text/html' } })
  expect(await page.text()).toContain('<script type="module"')
  // The same command for every instance; its agent is built out of this installation.
  const prefix = join(place, 'agent')
  const script = `curl -fsSL "$1/install.sh" | sh -s -- --token "$2" --prefix "$3" --state "$4" --no-service`
  await run('sh', ['-c', script, 'sh', url, token, prefix, join(place, 'state')])
  const agent = join(prefix, 'current/bin/chandler-agent')
  expect((await run(agent, ['--help'])).stdout).toContain('--state')
}, 600_000)

test('the .deb contains program, unit and settings, and nothing that its users can change', async () => {
  const { stdout } = await run('dpkg-deb', ['--contents', deb], { maxBuffer: 1 << 26 })
  const files = stdout.split('\n').filter(Boolean)
  expect(files.filter((line) => !line.includes(' root/root '))).toEqual([])
  expect(files.filter((line) => /^.....w|^........w/.test(line) && !line.startsWith('l'))).toEqual([])
  const names = files.map((line) => line.split(/\s+/)[5])
  expect(names).toEqual(
    expect.arrayContaining([
      './usr/bin/chandler',
      './usr/lib/systemd/system/chandler.service',
      './etc/chandler/chandler.yaml',
      './usr/lib/chandler/src/store/migrations/0001-initial.sql',
    ]),
  )
  expect(names.filter((name) => /\.(?:test\.js|ts|map)$/.test(name ?? ''))).toEqual([])
  const root = join(folder, 'root')
  expect((await stat(join(root, 'etc/chandler/chandler.yaml'))).mode & 0o777).toBe(0o640)
  expect((await run(join(root, 'usr/bin/chandler'), ['--version'])).stdout).toBe(`${version}\n`)
  const check = await run(join(root, 'usr/bin/chandler'), ['server', 'check', '-o', 'json'], {
    env: { CHANDLER_CONFIG: join(root, 'etc/chandler/chandler.yaml') },
  }).catch((error: { stdout: string }) => error)
  expect(JSON.parse(check.stdout)).toMatchObject({
    settings: expect.arrayContaining([expect.objectContaining({ name: 'data', value: '/var/lib/chandler' })]),
  })
})

test('a server of the .deb provides all that a Windows machine installs the agent from', async () => {
  const program = join(folder, 'root/usr/bin/chandler')
  const { url, token } = await startServer(program, join(folder, 'server-of-the-deb'))
  expect(await (await fetch(`${url}/install.ps1`)).text()).toContain(`$DefaultServer = '${url}'`)
  const bundle = await fetch(`${url}/agent/bundle.tar.gz?os=windows&arch=x86_64`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(bundle.status, bundle.ok ? '' : await bundle.text()).toBe(200)
  const archive = join(folder, 'windows.tar.gz')
  await writeFile(archive, new Uint8Array(await bundle.arrayBuffer()))
  const { stdout } = await run('tar', ['-tzf', archive], { maxBuffer: 1 << 24 })
  const programs = ['node.exe', 'node.LICENSE', 'chandler-host.exe', 'chandler-agent.cmd', 'chandler-agent.mjs']
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(programs.map((name) => `bin/${name}`)))
}, 600_000)
