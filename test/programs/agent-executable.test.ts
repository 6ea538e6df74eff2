import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { compileAgent } from '../../scripts/release/compile-agent.ts'
import { digestFile } from '../../src/lib/digest.ts'
import { startPipedScript } from '../integration/agent/piped-script.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'

// The compiled agent, as servers hand it out.
let executables: string
let system: CliSystem
let script: string
let token: string
let folder: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  executables = await mkdtemp(join(tmpdir(), 'chandler-executables-'))
  compileAgent(executables, [process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64'])
  system = await startCliSystem({ CHANDLER_AGENT_EXECUTABLES: executables })
  script = await (await fetch(`${system.server}/install.sh`)).text()
  token = (await system.json<{ token: string }>('token', 'create', '--uses', 'unlimited')).token
}, 120_000)
afterAll(async () => {
  await system.stop()
  await rm(executables, { recursive: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-executable-'))
  await chmod(folder, 0o755)
})
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
  }
  await rm(folder, { recursive: true })
})

const install = (name: string, path?: string, ...args: string[]) =>
  startPipedScript(
    script,
    [
      '--token',
      token,
      '--prefix',
      join(folder, name),
      '--state',
      join(folder, `${name}-state`),
      '--no-service',
      '--name',
      name,
      ...args,
    ],
    folder,
    path === undefined ? {} : { env: { PATH: path } },
  ).ended

function startAgent(name: string) {
  const program = join(folder, name, 'current/bin/chandler-agent')
  const child = spawn(program, ['--server', system.server, '--state', join(folder, `${name}-state`)], {
    stdio: 'ignore',
  })
  children.add(child)
  child.once('close', () => children.delete(child))
}

async function runProgram(file: string, args: readonly string[]) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.on('data', (text) => (stdout += String(text)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, stdout }
}

/** A PATH with these programs only. */
async function makePath(...names: string[]): Promise<string> {
  const path = join(folder, 'path')
  await mkdir(path)
  for (const name of names) {
    const found = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
      .map((place) => join(place, name))
      .find((file) => existsSync(file))
    if (found === undefined) throw new Error(`this machine has no ${name}`)
    await symlink(found, join(path, name))
  }
  return path
}
/** What install.sh calls, apart from what unpacks and computes digests. */
const plainTools = [
  'sh',
  'curl',
  'cat',
  'chmod',
  'cut',
  'grep',
  'head',
  'mkdir',
  'mktemp',
  'mv',
  'readlink',
  'rm',
  'rmdir',
  'sed',
  'tail',
  'tr',
  'uname',
]

test('a server with executables hands them out; the agent needs no Node.js, and runs scripts', async () => {
  expect(await install('archive')).toMatchObject({ code: 0 })
  const program = join(folder, 'archive/current/bin')
  expect(await readdir(program)).toEqual(['chandler-agent'])
  expect((await readFile(join(program, 'chandler-agent'))).subarray(1, 4).toString()).toBe('ELF')
  startAgent('archive')
  await expect
    .poll(async () => (await system.run('instance', 'list', '--status', 'online')).stdout, { timeout: 110_000 })
    .toContain('archive')
  const ran = await system.run('run', '--targets', 'name:archive', '--yes', '--', 'echo compiled $((6 * 7))')
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  expect(ran.stdout).toContain('compiled 42')

  const diagnose = (...args: string[]) => runProgram(join(program, 'chandler-agent'), args)
  const state = join(folder, 'archive-state')
  const status = await diagnose('status', '--state', state, '-o', 'json')
  expect(JSON.parse(status.stdout)).toMatchObject({
    server: system.server,
    connection: { isRunning: true },
    openInvocations: [],
  })
  const doctor = await diagnose('doctor', '--state', state, '-o', 'json')
  const checks = JSON.parse(doctor.stdout) as { readonly name: string; readonly verdict: string }[]
  expect(checks.filter(({ verdict }) => verdict === 'failed')).toEqual([])
  expect([status.code, doctor.code]).toEqual([0, 0])
  expect(await diagnose('doctor', '--state', join(folder, 'nowhere'))).toMatchObject({ code: 1 })
  expect(await diagnose('doctor', '--output', 'xml')).toMatchObject({ code: 2 })
})

test('a machine without tar, gzip, sha256sum and openssl gets the same program as one file', async () => {
  expect(await install('archive')).toMatchObject({ code: 0 })
  const bare = await install('bare', await makePath(...plainTools))
  expect(bare, bare.said).toMatchObject({ code: 0 })
  expect(await readlink(join(folder, 'bare/current'))).toBe(await readlink(join(folder, 'archive/current')))
  const [asFile, unpacked] = await Promise.all(
    ['bare', 'archive'].map((name) => digestFile(join(folder, name, 'current/bin/chandler-agent'))),
  )
  expect(asFile).toEqual(unpacked)
})

test('without a program that computes digests, a pinned CA is refused before anything is downloaded', async () => {
  const path = await makePath(...plainTools, 'base64')
  const { code, said } = await install('pinned', path, '--server', 'https://127.0.0.1:1', '--ca-sha256', 'a'.repeat(64))
  expect([code, said]).toEqual([1, expect.stringContaining('--ca-sha256 needs the program sha256sum or openssl')])
  expect(existsSync(join(folder, 'pinned'))).toBe(false)
})

test('an executable that arrives damaged says so itself, and nothing is installed', async () => {
  const relay = createServer((request, reply) => {
    void (async () => {
      const answer = await fetch(`${system.server}${request.url}`, { headers: { authorization: `Bearer ${token}` } })
      const bytes = Buffer.from(await answer.arrayBuffer())
      // In the text of the help, which does not keep it from running.
      const at = bytes.lastIndexOf('address of the server')
      bytes.write('ADDRESS', at)
      reply.writeHead(200, Object.fromEntries(answer.headers)).end(bytes)
    })()
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  try {
    const server = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`
    const { code, said } = await install('damaged', await makePath(...plainTools), '--server', server)
    expect([code, said]).toEqual([1, expect.stringContaining('the download is damaged')])
    expect(existsSync(join(folder, 'damaged'))).toBe(false)
  } finally {
    relay.closeAllConnections()
    relay.close()
  }
})

test('a server whose executables are of another version hands out the agent with Node.js', async () => {
  const version = await readFile(join(executables, 'VERSION'), 'utf8')
  await writeFile(join(executables, 'VERSION'), '0.0.1\n')
  const other = await startCliSystem({ CHANDLER_AGENT_EXECUTABLES: executables })
  try {
    const made = await other.json<{ token: string }>('token', 'create')
    const url = `${other.server}/agent/executable?os=linux&arch=${process.arch === 'arm64' ? 'arm64' : 'x86_64'}`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${made.token}` } })
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'AgentBundleUnavailable' }),
    ])
  } finally {
    await other.stop()
    await writeFile(join(executables, 'VERSION'), version)
  }
})
