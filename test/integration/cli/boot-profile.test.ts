import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InstanceDetailView, JoinTokenView } from '../../../src/protocol/api/instances.ts'
import { type CliSystem, startCliSystem } from './cli-system.ts'

// Real agents that join with a boot profile; their scripts write a ledger.
let system: CliSystem
beforeAll(async () => {
  system = await startCliSystem()
  await system.makeExtension('base', { 'install.sh': script('base') })
  await system.makeExtension('demo', { 'install.sh': script('demo') })
  for (const name of ['base', 'demo']) await system.json('extension', 'create', join(system.folder, 'extensions', name))
})
afterAll(() => system.stop())

const ledger = () => join(system.folder, 'ledger')
const script = (extension: string) => `#!/bin/sh
[ "$CHANDLER_ACTION" = install ] || exit 0
echo "${extension} $CHANDLER_PARAM_port $CHANDLER_PARAM_secret" >>${ledger()}
`

const create = (...args: string[]) => system.run('token', 'create', ...args)
async function joinWith(name: string, ...args: string[]) {
  const { stdout, code } = await create(...args)
  expect(code).toBe(0)
  return startAgent(name, stdout.trim())
}
const startAgent = (name: string, token: string) =>
  system.start('agent', '--server', system.server, '--token', token, '--name', name, '--state', stateOf(name))
const stateOf = (name: string) => join(system.folder, `state-${name}`)
const show = (name: string) => system.json<InstanceDetailView>('instance', 'show', name)
const readLedger = () => readFile(ledger(), 'utf8').catch(() => '')

describe('an instance that joins with a boot profile', () => {
  test('gets its extensions once, in order and with parameters, and is ready then', async () => {
    const waiting = system.start('instance', 'wait', 'web-1', '--ready', '--timeout', '2m')
    const agent = await joinWith(
      'web-1',
      '--install',
      'base',
      '--install',
      'demo@v1',
      '--param',
      'demo:port=9000',
      '--param',
      'demo:secret=s3cret',
    )
    expect(await waiting.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('web-1 is ready') })
    expect(await readLedger()).toBe('base 80 \ndemo 9000 s3cret\n')
    const { ready, boot, installed } = await show('web-1')
    expect({ ready, installed: installed.map(({ extension, version }) => `${extension} ${version}`).sort() }).toEqual({
      ready: true,
      installed: ['base v1', 'demo v1'],
    })
    expect(boot?.executionId).toMatch(/^exec-/)

    const [token] = await system.json<JoinTokenView[]>('token', 'list')
    expect(token?.install).toEqual([
      { extension: 'base', parameters: {} },
      { extension: 'demo', version: 'v1', parameters: { port: 9000 } },
    ])
    const audit = await system.run('audit-log', '-o', 'json')
    expect(audit.stdout).toContain(`join-token/${token?.id}`)
    for (const shown of [audit.stdout, (await system.run('token', 'list')).stdout])
      expect(shown).not.toContain('s3cret')

    // The same machine again: the profile belongs to the joining.
    agent.child.kill('SIGTERM')
    await agent.ended
    const again = startAgent('web-1', 'ct_none')
    await again.said('connected to')
    expect((await system.run('instance', 'wait', 'web-1')).code).toBe(0)
    expect((await show('web-1')).boot?.executionId).toBe(boot?.executionId)
    expect(await readLedger()).toBe('base 80 \ndemo 9000 s3cret\n')
  })

  test('is not ready while one of them cannot be installed; the wait ends with the reason', async () => {
    await system.makeExtension('flaky', { 'install.sh': '#!/bin/sh\n[ -e /nowhere ] || exit 7\n' })
    await system.json('extension', 'create', join(system.folder, 'extensions', 'flaky'))
    await joinWith('web-2', '--install', 'base', '--install', 'flaky')
    const waited = await system.run('instance', 'wait', 'web-2', '--timeout', '2m')
    expect(waited).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/web-2 is not ready: .* is Failed\. Run: chandler execution show exec-/),
    })
    expect((await show('web-2')).ready).toBe(false)

    await system.makeExtension('flaky', { 'install.sh': '#!/bin/sh\ntrue\n' })
    await system.json('extension', 'update', join(system.folder, 'extensions', 'flaky'))
    await system.json('install', 'flaky', '--targets', 'name:web-2')
    expect((await show('web-2')).ready).toBe(true)
  })

  test('says why its profile cannot be started', async () => {
    await system.makeExtension('gone', { 'install.sh': '#!/bin/sh\ntrue\n' })
    await system.json('extension', 'create', join(system.folder, 'extensions', 'gone'))
    const { stdout } = await create('--install', 'gone')
    await system.json('extension', 'delete', 'gone', '--force')
    startAgent('web-3', stdout.trim())
    await expect
      .poll(async () => (await show('web-3').catch(() => undefined))?.boot?.failure?.code, { timeout: 110_000 })
      .toBe('ExtensionNotFound')
    const waited = await system.run('instance', 'wait', 'web-3', 'web-9', '--timeout', '1s')
    expect(waited.code).toBe(1)
    expect(waited.stderr).toContain('web-3 is not ready: its boot profile could not be started: ')
    expect(waited.stderr).toContain('web-9 is not ready: it has not joined')
  })
})

test.each([
  [['--install', 'demo@v1', '--param', 'demo:port=many'], 'port'],
  [['--install', 'demo@v1', '--param', 'demo:port=70000'], 'port'],
  [['--install', 'demo', '--install', 'demo'], 'twice'],
  [['--install', 'demo@'], 'is not NAME or NAME@VERSION'],
  [['--install', 'demo', '--param', 'port=1'], 'names no extension'],
  [['--install', 'demo', '--param', 'base:port=1'], 'base is not an extension of --install'],
  [['--param', 'demo:port=1'], '--param requires --install'],
])('a token with %j is refused', async (args, reason) => {
  const { code, stderr, stdout } = await create(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(reason)
})

test.each([
  ['no-such', 'ExtensionNotFound'],
  ['demo@v9', 'VersionNotFound'],
])('a token that installs %s, which does not exist, is refused', async (extension, error) => {
  const { code, stderr, stdout } = await create('--install', extension)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(error)
})
