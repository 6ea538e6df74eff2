/** An instance with a trust file, a publisher and a server, with the real programs, in one story. */
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { InstanceDetailView } from '../../../src/protocol/api/instances.ts'
import { makeSshKey, makeTrust, placeTrust, type SshKey, signBytes } from '../agent/signed-versions.ts'
import { type CliSystem, startCliSystem } from './cli-system.ts'

let system: CliSystem
let keys: Record<'alice' | 'bob' | 'carol', SshKey>
let ledger: string
let folder: string

beforeAll(async () => {
  system = await startCliSystem()
  const make = (name: string) => makeSshKey(system.folder, name)
  keys = { alice: make('alice'), bob: make('bob'), carol: make('carol') }
  ledger = join(system.folder, 'ledger')
  const state = join(system.folder, 'agent')
  await placeTrust(state, makeTrust(keys))
  const { stdout } = await system.run('token', 'create')
  const agent = system.start(
    'agent',
    '--server',
    system.server,
    '--state',
    state,
    '--token',
    stdout.trim(),
    '--name',
    'web',
  )
  await agent.said('connected to')
  folder = await system.makeExtension('demo', {
    'install.sh': `#!/bin/sh\necho "$CHANDLER_ACTION $CHANDLER_VERSION $CHANDLER_PARAM_port" >> '${ledger}'\n`,
  })
})
afterAll(() => system.stop())

const readLedger = () => (existsSync(ledger) ? readFileSync(ledger, 'utf8') : '')
const install = (...options: string[]) => system.run('install', 'demo', '--targets', 'name:web', '--yes', ...options)

test('an unsigned version is refused, and the task says what is missing', async () => {
  expect(await system.run('extension', 'create', folder)).toMatchObject({ code: 0 })
  const { code, stdout, stderr } = await install()
  expect(code).toBe(1)
  expect(`${stdout}${stderr}`).toContain('demo v1 needs 1 signature of a publisher (alice); it has 0.')
  expect(readLedger()).toBe('')
})

test('a command is refused', async () => {
  const { code, stdout, stderr } = await system.run('run', '--targets', 'name:web', '--yes', `echo evil >> '${ledger}'`)
  expect(code).toBe(1)
  expect(`${stdout}${stderr}`).toContain('Commands have no signatures')
  expect(readLedger()).toBe('')
})

test('the same version is installed when its publisher has signed it', async () => {
  const signing = ['extension', 'sign', 'demo@v1', '--key', keys.alice.path, '--from', folder]
  expect(await system.run(...signing)).toMatchObject({ code: 0 })
  expect(await install('--param', 'port=8080')).toMatchObject({ code: 0 })
  expect(readLedger()).toBe('install v1 8080\n')
})

test('a published trust file changes who may publish, before the work that needs it', async () => {
  await appendFile(join(folder, 'install.sh'), '# second\n')
  expect(await system.run('extension', 'update', folder, '--sign', keys.bob.path)).toMatchObject({ code: 0 })
  expect((await install()).code).toBe(1)

  const successor = makeTrust(keys, {
    version: 2,
    publishers: [{ extensions: ['demo'], keys: ['bob'], threshold: 1 }],
  })
  const file = join(system.folder, 'trust-2.json')
  await writeFile(file, JSON.stringify(successor, undefined, 2))
  const update = (...signers: SshKey[]) =>
    system.run('trust', 'update', file, ...signers.flatMap(({ path }) => ['--sign', path]))
  expect(await update(keys.alice)).toMatchObject({ code: 2, stderr: expect.stringContaining('needs 2 signatures') })
  expect(await update(keys.alice, keys.bob)).toMatchObject({ code: 0 })
  expect(await install()).toMatchObject({ code: 0 })
  expect(readLedger()).toContain('install v2 8080\n')
  await vi.waitFor(
    async () => {
      const { facts } = await system.json<InstanceDetailView>('instance', 'show', 'web')
      expect(facts.trust).toEqual({ version: 2, expires: '2100-01-01T00:00:00Z' })
    },
    { timeout: 110_000, interval: 100 },
  )
  expect(await update(keys.alice, keys.bob)).toMatchObject({ code: 1, stderr: expect.stringContaining('not newer') })
})

test('a trust file that its root keys did not sign does not replace that of the instance', async () => {
  const taken = makeTrust(keys, { version: 3, root: { keys: ['carol'], threshold: 1 }, publishers: [] })
  const file = join(system.folder, 'trust-3.json')
  await writeFile(file, JSON.stringify(taken))
  expect(await system.run('trust', 'update', file, '--sign', keys.carol.path)).toMatchObject({ code: 0 })
  await appendFile(join(folder, 'install.sh'), '# third\n')
  expect(await system.run('extension', 'update', folder, '--sign', keys.bob.path)).toMatchObject({ code: 0 })
  expect(await install()).toMatchObject({ code: 0 })
  expect(readLedger()).toContain('install v3 8080\n')
  expect(JSON.parse(readFileSync(join(system.folder, 'agent/trust/trust.json'), 'utf8'))).toMatchObject({ version: 2 })
  expect((await system.run('trust', 'show')).stdout).toMatch(/version +3/)
})

test('the agents of the server are signed with the release key', async () => {
  const { stdout: bytes } = await system.run('trust', 'sign-agent')
  expect(JSON.parse(bytes)).toMatchObject({
    format: 'chandler-agent-1',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  const file = join(system.folder, 'agent.json')
  await writeFile(file, bytes.trimEnd())
  const sign = (namespace: string) => signBytes(keys.carol, namespace, bytes.trimEnd())
  const upload = async (signature: string) => {
    await writeFile(`${file}.sig`, signature)
    return system.run('trust', 'sign-agent', '--signature', `${file}.sig`)
  }
  expect(await upload(sign('git'))).toMatchObject({ code: 2, stderr: expect.stringContaining('namespace is git') })
  expect(await upload(sign('chandler-agent'))).toMatchObject({ code: 0, stdout: expect.stringContaining('signed') })
  expect(await system.run('trust', 'sign-agent', '--key', keys.carol.path)).toMatchObject({ code: 0 })
})
