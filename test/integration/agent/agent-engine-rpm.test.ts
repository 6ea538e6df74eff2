// Real rpm packages by the real managers: dnf, zypper, and rpm alone.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createPlatform } from '../../../src/agent/platform/create-platform.ts'
import { makeFolder, makeInstall, makeInvocation, type TestEngine } from './agent-engine.ts'
import { ArtifactShelf } from './artifact-shelf.ts'
import { canInstallRpms, type RpmManager, startRpmSystem } from './rpm-system.ts'

const managers: readonly RpmManager[] = ['dnf', 'zypper', 'rpm']
const errors = (engine: TestEngine, id: string) =>
  `${engine.output(id).toString()}\n${engine.output(id, 'stderr').toString()}`

async function start(manager: RpmManager) {
  const shelf = new ArtifactShelf()
  const system = await startRpmSystem(manager, shelf)
  const { engine } = system
  return {
    ...system,
    shelf,
    async install(
      details: Parameters<typeof system.installation>[1],
      version = 1,
      more: object = {},
      run: object = {},
    ) {
      const installation = await system.installation(shelf, details, { version, run })
      const end = await engine.carryOut(makeInstall(installation, more))
      return { ...end.outcome, said: errors(engine, end.invocationId) }
    },
    async uninstall(more: object = {}) {
      const end = await engine.carryOut(makeInvocation({ action: 'uninstall', ...more }))
      return { ...end.outcome, said: errors(engine, end.invocationId) }
    },
  }
}

// Needs root on Linux and overlays: the package managers work in a root directory of their own.
describe.skipIf(!canInstallRpms).each(managers)('%s', (manager) => {
  test('a package is installed, updated, put back when its successor fails, downgraded, and removed', async () => {
    const { install, uninstall, versionsOf } = await start(manager)
    const first = await install({ name: 'demo', version: '1.0' })
    expect(first, first.said).toMatchObject({ state: 'succeeded', reason: 'Installed v1.', installed: { version: 1 } })
    expect(versionsOf('demo')).toEqual(['1.0-1'])
    const update = await install({ name: 'demo', version: '2.0' }, 2, { action: 'update' })
    expect(update, update.said).toMatchObject({ state: 'succeeded', reason: 'Updated v1 to v2.' })
    expect(versionsOf('demo')).toEqual(['2.0-1'])
    const bad = await install({ name: 'demo', version: '3.0', scriptlets: { '%pre': 'exit 7' } }, 3, {
      action: 'update',
    })
    expect(bad, bad.said).toMatchObject({ state: 'failed' })
    expect(bad.reason).toContain('scriptlet failed, exit status 7')
    expect(versionsOf('demo')).toEqual(['2.0-1'])
    const older = await install({ name: 'demo', version: '1.5' }, 4, { action: 'update' })
    expect(older, older.said).toMatchObject({ state: 'succeeded' })
    expect(versionsOf('demo')).toEqual(['1.5-1'])
    const gone = await uninstall()
    expect(gone, gone.said).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
    expect(versionsOf('demo')).toEqual([])
    expect(await createPlatform().findPackageVersion('demo')).toBeUndefined()
  })

  test('the same version is installed again when that is asked for', async () => {
    const { install, run } = await start(manager)
    const details = { name: 'demo', version: '1.0' }
    await install(details)
    run('sh', ['-c', 'echo broken > /usr/share/demo/version'])
    const again = await install(details, 1, { reinstall: true })
    expect(again, again.said).toMatchObject({ state: 'succeeded' })
    expect(run('cat', ['/usr/share/demo/version'])).toBe('1.0')
  })

  test('a %post that fails is a failure, although the package is installed and the manager may say success', async () => {
    const { install } = await start(manager)
    const end = await install({ name: 'demo', version: '1.0', scriptlets: { '%post': 'echo no licence >&2; exit 8' } })
    expect(end, end.said).toMatchObject({ state: 'failed' })
    expect(end.reason).toContain('demo 1.0-1 is installed, but its %post script failed (exit status 8).')
  })

  test('a %preun that fails leaves the package, and says so', async () => {
    const { install, uninstall, versionsOf } = await start(manager)
    await install({ name: 'demo', version: '1.0', scriptlets: { '%preun': 'echo busy >&2; exit 9' } })
    const end = await uninstall()
    expect(end, end.said).toMatchObject({ state: 'failed' })
    expect(end.reason).toContain('scriptlet failed, exit status 9')
    expect(versionsOf('demo')).toEqual(['1.0-1'])
  })

  test.each([
    ['a missing dependency', { head: 'Requires: nobody-has-this >= 3' }, /nobody-has-this >= 3/],
    ['a conflict', { head: 'Conflicts: base' }, /conflicts with|conflicts/],
    ['another architecture', { arch: 'aarch64' as const }, /architecture/],
    ['a %pre that fails', { scriptlets: { '%pre': 'exit 7' } }, /scriptlet failed, exit status 7/],
  ])('%s is the reason, and nothing is installed', async (_, details, reason) => {
    const { install, versionsOf } = await start(manager)
    const end = await install({ name: 'demo', version: '1.0', ...details })
    expect(end, end.said).toMatchObject({ state: 'failed' })
    expect(end.reason).toMatch(reason)
    expect(versionsOf('demo')).toEqual([])
  })

  test('a file of another package is the reason, and nothing is installed', async () => {
    const { install, build, run, versionsOf } = await start(manager)
    run('rpm', ['--install', await build({ name: 'other', version: '1', files: { contested: 'other' } })])
    const end = await install({ name: 'demo', version: '1.0', folder: 'other', files: { contested: 'demo' } })
    expect(end, end.said).toMatchObject({ state: 'failed' })
    expect(end.reason).toMatch(/conflict/)
    expect(versionsOf('demo')).toEqual([])
  })

  test('what others need is not removed unless that is allowed', async () => {
    const { install, uninstall, build, run, versionsOf } = await start(manager)
    await install({ name: 'demo', version: '1.0' })
    run('rpm', ['--install', await build({ name: 'user', version: '1', head: 'Requires: demo', files: {} })])
    const end = await uninstall()
    expect(end, end.said).toMatchObject({ state: 'failed' })
    expect(end.reason).toContain('would also remove user-1-1.noarch')
    expect(versionsOf('demo')).toEqual(['1.0-1'])
    if (manager === 'rpm') return
    const allowed = await uninstall({ allowRemovals: true })
    expect(allowed, allowed.said).toMatchObject({ state: 'succeeded' })
    expect([versionsOf('demo'), versionsOf('user')]).toEqual([[], []])
  })

  test('a package that somebody removed by hand is removed', async () => {
    const { install, uninstall, run } = await start(manager)
    await install({ name: 'demo', version: '1.0' })
    run('rpm', ['--erase', 'demo'])
    expect(await uninstall()).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
  })

  test('a file that is no package is refused, with its name', async () => {
    const { engine, shelf } = await start(manager)
    const artifact = shelf.add(Buffer.from('no package'), 'demo-1-1.noarch.rpm', 'rpm')
    const { outcome } = await engine.carryOut(makeInstall({ artifact }))
    expect(outcome).toMatchObject({ state: 'failed' })
    expect(outcome.reason).toContain('demo-1-1.noarch.rpm is not an rpm package')
  })

  test('another transaction is waited for', async () => {
    const { engine, installation, shelf, build, start: begin, versionsOf, run } = await start(manager)
    const folder = await makeFolder()
    await writeFile(join(folder, 'go'), '')
    run('mkfifo', [join(folder, 'began'), join(folder, 'end')])
    const slow = await build({
      name: 'slow',
      version: '1',
      files: {},
      scriptlets: { '%post': `echo began > ${folder}/began; cat ${folder}/end` },
    })
    const other = begin('rpm', ['--install', slow])
    await readFile(join(folder, 'began'))
    const invocation = makeInstall(await installation(shelf, { name: 'demo', version: '1.0' }))
    await engine.worker.offer(invocation)
    await engine.printed(invocation.id, 'stderr', 'waiting for the rpm database')
    await writeFile(join(folder, 'end'), '')
    const { outcome } = await engine.end(invocation.id)
    expect(outcome, errors(engine, invocation.id)).toMatchObject({ state: 'succeeded' })
    expect(versionsOf('demo')).toEqual(['1.0-1'])
    expect(other.exitCode).toBe(0)
  })

  test('an upgrade that was killed is repaired: the old version goes', async () => {
    const { install, build, run, versionsOf } = await start(manager)
    await install({ name: 'demo', version: '1.0' })
    // What a transaction leaves that was killed between installing the new version and erasing the old one.
    run('rpm', ['--install', '--force', await build({ name: 'demo', version: '2.0' })])
    expect(versionsOf('demo')).toEqual(['1.0-1', '2.0-1'])
    const end = await install({ name: 'demo', version: '2.0' }, 2, { action: 'update' })
    expect(end, end.said).toMatchObject({ state: 'succeeded' })
    expect(versionsOf('demo')).toEqual(['2.0-1'])
  })
})

// As above.
describe.skipIf(!canInstallRpms)('dependencies', () => {
  test.each(['dnf', 'zypper'] as const)(
    '%s installs them from a repository, and keeps them at removal',
    async (manager) => {
      const { install, uninstall, offer, versionsOf } = await start(manager)
      await offer({ name: 'library', version: '1.0' })
      const end = await install({ name: 'demo', version: '1.0', head: 'Requires: library' })
      expect(end, end.said).toMatchObject({ state: 'succeeded' })
      expect(end.reason).toContain('library')
      await uninstall()
      expect([versionsOf('demo'), versionsOf('library')]).toEqual([[], ['1.0-1']])
    },
  )

  test.each(['dnf', 'zypper'] as const)('%s installs, updates and removes OS packages', async (manager) => {
    const { engine, offer } = await start(manager)
    const ask = async (action: 'install' | 'uninstall' | 'update', names: string[]) => {
      const osPackages = { action, installer: manager, names }
      const end = await engine.carryOut(
        makeInstall({}, { action: 'run', extensionId: 'os-packages', extensionName: '', osPackages }),
      )
      return { ...end.outcome, said: errors(engine, end.invocationId) }
    }
    await offer({ name: 'library', version: '1.0' }, { name: 'tool', version: '1.0', head: 'Requires: library' })
    const first = await ask('install', ['tool'])
    expect(first, first.said).toMatchObject({ reason: 'Installed library 1.0-1, tool 1.0-1.' })
    expect(await ask('install', ['tool'])).toMatchObject({ reasonCode: 'AlreadyAsWanted' })
    await offer({ name: 'tool', version: '2.0', head: 'Requires: library' })
    const update = await ask('update', ['tool'])
    expect(update, update.said).toMatchObject({ reason: 'Updated tool from 1.0-1 to 2.0-1.' })
    const refused = await ask('uninstall', ['library'])
    expect(refused.state, refused.said).toBe('failed')
    expect(refused.reason).toContain('would also remove tool-2.0-1.noarch')
    expect(await ask('uninstall', ['tool', 'library'])).toMatchObject({ reason: 'Removed library 1.0-1, tool 2.0-1.' })
    const missing = await ask('install', ['nobody-has-this'])
    expect(missing.state).toBe('failed')
    expect(missing.reason).toMatch(/nobody-has-this/)
  })
})
