// A package manager that is busy, was interrupted, would remove other packages, or has no lists
// yet.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, makeInstall, makeInvocation, type TestEngine } from '../integration/agent/agent-engine.ts'
import { ArtifactShelf } from '../integration/agent/artifact-shelf.ts'
import { canInstallDebs, type Debian, holdLock, startDebian } from '../integration/agent/debian.ts'

const name = `chandler-pm-${process.pid}`
const other = `${name}-other`

async function start() {
  const shelf = new ArtifactShelf()
  return { shelf, ...(await startDebian([name, other], { fetchArtifact: shelf.fetch })) }
}

const errors = (engine: TestEngine, id: string) => engine.output(id, 'stderr').toString()

/** Offers an installation whose postinst waits forever, and cancels it there. */
async function interrupt(
  { engine, installation, shelf }: Awaited<ReturnType<typeof start>>,
  details: { version?: number; debVersion?: string; action?: 'install' | 'update' } = {},
) {
  const { version = 1, debVersion = '1.0', action = 'install' } = details
  const postinst = 'echo configuring; sleep 300'
  const invocation = makeInstall(
    await installation(shelf, { name, version: debVersion, scripts: { postinst } }, { version }),
    { action },
  )
  await engine.worker.offer(invocation)
  await engine.printed(invocation.id, 'stdout', 'configuring')
  engine.worker.cancel(invocation.id)
  return engine.end(invocation.id)
}

test('a cancelled install leaves nothing behind, and the package manager works', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const { engine, installation, shelf, stateOf } = debian
  const { outcome } = await interrupt(debian)
  expect(outcome).toMatchObject({ state: 'cancelled', installed: { status: 'absent' } })
  expect(outcome.reason).toMatch(/What was left of v1 was removed\.$/)
  expect(stateOf(name)).not.toContain('install ok')
  const next = await engine.carryOut(makeInstall(await installation(shelf, { name: other, version: '1.0' })))
  expect(next.outcome, errors(engine, next.invocationId)).toMatchObject({ state: 'succeeded', reason: 'Installed v1.' })
})

test('a cancelled update rolls back to the old package', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const { engine, installation, shelf, stateOf } = debian
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { version: 1 })))
  const { outcome } = await interrupt(debian, { version: 2, debVersion: '2.0', action: 'update' })
  expect(outcome).toMatchObject({ state: 'cancelled', installed: { status: 'installed', version: 1 } })
  expect(stateOf(name)).toBe('install ok installed 1.0')
})

test('a cancelled install does not remove a package that was installed before', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const { engine, offer, ask, stateOf } = withNames(debian)
  await offer({ name, version: '1.0' })
  await ask('install', [name])
  const { outcome } = await interrupt(debian, { debVersion: '2.0' })
  expect(outcome).toMatchObject({ state: 'cancelled', installed: { status: 'broken' } })
  expect(outcome.reason).toContain(`${name} was on the instance before and is not removed`)
  expect(stateOf(name)).toBe('install ok half-configured 2.0')
  expect(engine.entries.length).toBeGreaterThan(0)
})

/**
 * The state that a killed dpkg leaves behind: an unconfigured package, and a change that was not
 * merged.
 */
async function leaveInterrupted({
  adminDirectory,
  shelf,
  engine,
  installation,
  dpkg,
}: Awaited<ReturnType<typeof start>>) {
  const postinst = `[ -e ${join(adminDirectory, 'again')} ] || exit 1`
  const file = join(await makeFolder(), 'x.deb')
  const { artifact } = await installation(shelf, { name, version: '1.0', scripts: { postinst } })
  await writeFile(file, shelf.contents.get(artifact?.sha256 ?? '') ?? '')
  expect(() => dpkg(['--install', file])).toThrow('post-installation')
  await writeFile(join(adminDirectory, 'again'), '')
  const status = await readFile(join(adminDirectory, 'status'), 'utf8')
  await writeFile(join(adminDirectory, 'updates', '0001'), `${status.trim()}\n`)
  return engine
}

test('an interrupted operation is completed before the next package is installed', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const engine = await leaveInterrupted(debian)
  const { installation, shelf, stateOf, adminDirectory } = debian
  const end = await engine.carryOut(makeInstall(await installation(shelf, { name: other, version: '1.0' })))
  expect(end.outcome, errors(engine, end.invocationId)).toMatchObject({
    state: 'succeeded',
    reason: `Installed v1. The interrupted installation of ${name} was completed first.`,
  })
  expect(stateOf(name)).toBe('install ok installed 1.0')
  expect((await readdir(join(adminDirectory, 'updates'))).filter((file) => /^\d/.test(file))).toEqual([])
})

test('an interrupted operation is completed before an OS package operation', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  await leaveInterrupted(debian)
  const { ask, offer } = withNames(debian)
  await offer({ name: other, version: '1.0' })
  expect((await ask('install', [other])).outcome).toMatchObject({
    state: 'succeeded',
    reason: `The interrupted installation of ${name} was completed first. Installed ${other} 1.0.`,
  })
})

test('a package that is broken for another reason does not fail the install of an intact one', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const { engine, installation, shelf } = debian
  const broken = makeInstall(await installation(shelf, { name, version: '1.0', scripts: { postinst: 'exit 3' } }), {
    extensionId: 'ext-broken',
  })
  expect((await engine.carryOut(broken)).outcome).toMatchObject({ state: 'failed', installed: { status: 'broken' } })
  const end = await engine.carryOut(makeInstall(await installation(shelf, { name: other, version: '1.0' })))
  expect(end.outcome, errors(engine, end.invocationId)).toMatchObject({
    state: 'succeeded',
    reason: `Installed v1. The package manager reported errors of ${name}, which was broken before.`,
  })
})

function withNames(debian: Awaited<ReturnType<typeof start>>) {
  const ask = (action: 'install' | 'uninstall' | 'update', names: string[], more: { allowRemovals?: boolean } = {}) =>
    debian.engine.carryOut(
      makeInstall(
        { run: { timeoutMs: 120_000 } },
        {
          action: 'run',
          extensionId: 'os-packages',
          extensionName: '',
          osPackages: { action, installer: 'auto', names, ...more },
        },
      ),
    )
  return { ...debian, ask }
}

test('a package that another one depends on is not removed with it, unless that is allowed', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, installation, shelf, stateOf, offer, ask } = withNames(await start())
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { version: 1 })))
  await offer({ name: other, version: '1.0', control: `Depends: ${name}` })
  await ask('install', [other])
  const refused = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  expect(refused.outcome).toMatchObject({
    state: 'failed',
    reason: `Removing this package would also remove ${other}. Nothing was changed; allow it with --allow-removals, or with allowRemovals in the version.`,
  })
  expect(refused.outcome.installed).toBeUndefined()
  expect((await ask('uninstall', [name])).outcome).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining(`would also remove ${other}`),
  })
  expect([stateOf(name), stateOf(other)]).toEqual(['install ok installed 1.0', 'install ok installed 1.0'])
  const end = await engine.carryOut(makeInvocation({ action: 'uninstall', allowRemovals: true }))
  expect(end.outcome).toMatchObject({
    state: 'succeeded',
    reason: `Uninstalled v1. The package manager also removed ${other} 1.0.`,
    installed: { status: 'absent' },
  })
})

test('a package that conflicts with another one is not installed, unless the version allows removals', async ({
  skip,
}) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, installation, shelf, stateOf, offer, ask } = withNames(await start())
  await offer({ name: other, version: '1.0' })
  await ask('install', [other])
  const details = { name, version: '1.0', control: `Conflicts: ${other}` }
  const refused = await engine.carryOut(makeInstall(await installation(shelf, details)))
  expect(refused.outcome).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining(`Installing this package would also remove ${other}.`),
  })
  expect(refused.outcome.installed).toBeUndefined()
  expect(stateOf(other)).toBe('install ok installed 1.0')
  const end = await engine.carryOut(makeInstall(await installation(shelf, details, { run: { allowRemovals: true } })))
  expect(end.outcome).toMatchObject({
    state: 'succeeded',
    reason: `Installed v1. The package manager also removed ${other} 1.0.`,
  })
})

const locks = {
  'the lock of downloads': ({ archivesDirectory }) => join(archivesDirectory, 'lock'),
  'the lock of lists': ({ listsDirectory }) => join(listsDirectory, 'lock'),
  'the lock of dpkg': ({ adminDirectory }) => join(adminDirectory, 'lock'),
  'the lock of front ends': ({ adminDirectory }) => join(adminDirectory, 'lock-frontend'),
} satisfies Record<string, (debian: Debian) => string>

test.for(Object.entries(locks))('the installer waits for %s', async ([, lockOf], { skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const { engine, installation, shelf, offer } = debian
  await offer({ name: other, version: '1.0' })
  const lock = await holdLock(lockOf(debian))
  const invocation = makeInstall(await installation(shelf, { name, version: '1.0', control: `Depends: ${other}` }))
  await engine.worker.offer(invocation)
  await engine.printed(invocation.id, 'stderr', `which process ${lock.pid} (perl) has locked`)
  lock.release()
  expect((await engine.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reason: `Installed v1. The package manager also installed ${other} 1.0.`,
  })
})

test('an install that is cancelled while it waits for a lock has changed nothing', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const debian = await start()
  const { engine, installation, shelf, adminDirectory } = debian
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { version: 1 })))
  await holdLock(join(adminDirectory, 'lock-frontend'))
  const invocation = makeInstall(await installation(shelf, { name, version: '2.0' }, { version: 2 }), {
    action: 'update',
  })
  await engine.worker.offer(invocation)
  await engine.printed(invocation.id, 'stderr', 'has locked')
  engine.worker.cancel(invocation.id)
  const { outcome } = await engine.end(invocation.id)
  expect(outcome).toMatchObject({ state: 'cancelled', reason: expect.stringMatching(/No package was changed\.$/) })
  expect(outcome.installed).toBeUndefined()
})

test('a failure that changed nothing causes no rollback', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, installation, shelf, stateOf } = await start()
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { version: 1 })))
  const missing = await installation(shelf, { name, version: '2.0', control: 'Depends: nowhere' }, { version: 2 })
  const end = await engine.carryOut(makeInstall(missing, { action: 'update' }))
  expect(end.outcome).toMatchObject({
    state: 'failed',
    reason: `The package manager, installing v2, failed with exit code 100. It said: ${name} : Depends: nowhere but it is not installable.`,
  })
  expect(end.outcome.installed).toBeUndefined()
  expect(engine.output(end.invocationId).toString()).not.toContain('Unpacking')
  expect(stateOf(name)).toBe('install ok installed 1.0')
})

test('a held package is not changed, and stays held', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, installation, shelf, dpkg, stateOf } = await start()
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { version: 1 })))
  dpkg(['--set-selections'], `${name} hold\n`)
  const update = makeInstall(await installation(shelf, { name, version: '2.0' }, { version: 2 }), { action: 'update' })
  const end = await engine.carryOut(update)
  expect(end.outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining('Held packages') })
  expect(end.outcome.installed).toBeUndefined()
  expect(stateOf(name)).toBe('hold ok installed 1.0')
})

test.for(['agent-linux', 'AGENT.DEB', 'Our Agent (stable) v1.deb', 'x=1.deb', '100%.deb'])(
  'a package in a file called %s is installed',
  async (fileName, { skip }) => {
    skip(!canInstallDebs, 'only root on Debian may install a deb')
    const { engine, installation, shelf, stateOf } = await start()
    const end = await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { fileName })))
    expect(end.outcome, errors(engine, end.invocationId)).toMatchObject({ state: 'succeeded' })
    expect(stateOf(name)).toBe('install ok installed 1.0')
    expect((await engine.carryOut(makeInvocation({ action: 'uninstall' }))).outcome.state).toBe('succeeded')
  },
)

test('a manually removed package is installed again, and an installed one is not', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, installation, shelf, dpkg, stateOf } = await start()
  const verify = [{ kind: 'script' as const, script: `test -e /usr/share/${name}/version`, withinMs: 1_000 }]
  for (const details of [{}, { verify }]) {
    const install = await installation(shelf, { name, version: '1.0' }, details)
    await engine.carryOut(makeInstall(install))
    expect((await engine.carryOut(makeInstall(install))).outcome).toMatchObject({
      reasonCode: 'AlreadyAsWanted',
      reason: 'v1 is already installed with the same configuration and parameters, as the instance confirms.',
    })
    dpkg(['--purge', name])
    const again = await engine.carryOut(makeInstall(install))
    expect(again.outcome, errors(engine, again.invocationId)).toMatchObject({
      state: 'succeeded',
      reasonCode: 'Succeeded',
      reason: `Installed v1 again. It was recorded as installed, but was not: The package ${name} 1.0 was not found: it is not installed.`,
      installed: { status: 'installed', version: 1 },
    })
    expect(stateOf(name)).toBe('install ok installed 1.0')
    expect((await engine.carryOut(makeInstall(install, { reinstall: true }))).outcome.reason).toBe(
      'Installed v1 again.',
    )
    await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  }
})

test('a manually removed package is uninstalled without a failure', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, installation, shelf, dpkg } = await start()
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' })))
  dpkg(['--purge', name])
  const { outcome } = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  expect(outcome).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
})
