// The bundle as servers provide it, with Node.js. install-script.test.ts has everything else about the script.
import type { ChildProcess } from 'node:child_process'
import { access, chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ScriptRun, startPipedScript } from '../integration/agent/piped-script.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { findAgentClosure } from '../rules/agent-closure.ts'

interface Instance {
  readonly id: string
  readonly status: string
  readonly tags: Record<string, string>
}
/** root tries it as another user; other users already are one. */
const nobody = 65534
const uid = process.getuid?.() === 0 ? nobody : undefined

let system: CliSystem
let script: string
let token: string
let folder: string
let prefix: string
let state: string
let child: ChildProcess | undefined

beforeAll(async () => {
  system = await startCliSystem()
  // Other tests have a small program in its place.
  await rm(join(system.folder, 'server/agent-node'), { recursive: true, force: true })
  script = await (await fetch(`${system.server}/install.sh`)).text()
  const options = ['--uses', 'unlimited', '--allow-tag', 'env', '--allow-tag', 'note']
  token = (await system.json<{ token: string }>('token', 'create', ...options)).token
})
afterAll(() => system.stop())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-install-'))
  await chmod(folder, 0o755)
  prefix = join(folder, 'opt')
  state = join(folder, 'state')
})
afterEach(async () => {
  child?.kill('SIGKILL')
  child = undefined
  await rm(folder, { recursive: true })
})

const start = (args: readonly string[], options?: ScriptRun) => startPipedScript(script, args, folder, options)
const places = () => ['--prefix', prefix, '--state', state]

async function untilOnline(name: string): Promise<Instance> {
  const find = async () => (await system.json<Instance[]>('instance', 'list', '--name', name))[0]
  await expect.poll(async () => (await find())?.status, { timeout: 110_000, interval: 250 }).toBe('online')
  return (await find()) as Instance
}

test('creates an instance that runs real scripts, as root or as any user; uninstalling removes it', async () => {
  if (uid !== undefined) await chown(folder, uid, uid)
  const name = 'installed by itself'
  const tags = ['--tag', 'env=install', '--tag=note=a b=c']
  const args = ['--token', token, ...places(), '--name', name, ...tags, '--foreground']
  const as = uid === undefined ? {} : { uid }
  const agent = start(args, as)
  child = agent.child
  const instance = await untilOnline(name)
  expect(instance.tags).toMatchObject({ env: 'install', note: 'a b=c' })
  expect(agent.said()).toContain(`enrolled as ${instance.id}`)
  expect(await readFile(`/proc/${agent.child.pid}/cmdline`, 'utf8')).not.toContain('ct_')

  await system.createExtension('hello')
  const report = await system.json<{ status: string }>('install', 'hello', '--targets', `id:${instance.id}`)
  expect(report.status).toBe('Success')

  const removed = await start(['--uninstall', '--purge', ...places(), '--no-service'], as).ended
  expect(removed).toEqual({ code: 0, said: expect.stringContaining(`ended the agent that ran as process`) })
  expect(removed.said).toContain(`chandler instance remove ${instance.id}`)
  expect(await agent.ended).toMatchObject({ code: 0 })
  expect(await readdir(folder)).toEqual([])
})

test('contains all imports of the agent and nothing of the server', async () => {
  const args = ['--token', token, ...places(), '--no-service', '--name', 'files']
  expect(await start(args).ended).toMatchObject({ code: 0 })
  const { files, packages } = findAgentClosure()
  const needed = [...files, ...packages.map(({ name }) => `node_modules/${name}/package.json`)]
  const isThere = await Promise.all(
    needed.map((path) =>
      access(join(prefix, 'current', path)).then(
        () => true,
        () => false,
      ),
    ),
  )
  expect(needed.filter((_, index) => !isThere[index])).toEqual([])
  expect((await readdir(join(prefix, 'current/src'))).sort()).toEqual(['agent', 'core', 'lib', 'protocol'])
  expect(await readdir(join(prefix, 'current/node_modules'), { recursive: true })).not.toContain('fastify')
})
