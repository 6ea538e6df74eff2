// The removal of packages that apt installed only as dependencies, by the real apt and dpkg.
import { appendFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { OsPackages } from '../../src/core/execution/invocation.ts'
import { makeInstall, makeInvocation } from '../integration/agent/agent-engine.ts'
import { ArtifactShelf } from '../integration/agent/artifact-shelf.ts'
import { canInstallDebs, startDebian } from '../integration/agent/debian.ts'

const nameOf = (part: string) => `chandler-ar-${process.pid}-${part}`
const [demo, user, library, deep, shared, chosen, former, leftover] = [
  'demo',
  'user',
  'library',
  'deep',
  'shared',
  'chosen',
  'former',
  'leftover',
].map(nameOf) as [string, string, string, string, string, string, string, string]
const names = [demo, user, library, deep, shared, chosen, former, leftover]

/**
 * `demo` needs `library`, which needs `deep`; `shared`, which a package needs that nothing has
 * needed since before; and `chosen`, which was installed by its name.
 */
async function start() {
  const shelf = new ArtifactShelf()
  const debian = await startDebian(names, { fetchArtifact: shelf.fetch })
  const { engine, offer, installation, stateOf } = debian
  const ask = async (
    action: OsPackages['action'],
    packages: readonly string[],
    options: Pick<OsPackages, 'allowRemovals' | 'autoremove'> = {},
  ) => {
    const osPackages = { action, installer: 'auto' as const, names: [...packages], ...options }
    const end = await engine.carryOut(
      makeInstall(
        { run: { timeoutMs: 120_000 } },
        { action: 'run', extensionId: 'os-packages', extensionName: '', osPackages },
      ),
    )
    return { ...end.outcome, said: engine.output(end.invocationId, 'stderr').toString() }
  }
  await offer({ name: deep, version: '1.0' })
  await offer({ name: library, version: '1.0', control: `Depends: ${deep}` })
  await offer({ name: shared, version: '1.0' })
  await offer({ name: chosen, version: '1.0' })
  await offer({ name: leftover, version: '1.0', control: `Depends: ${shared}` })
  await offer({ name: former, version: '1.0', control: `Depends: ${leftover}` })
  await ask('install', [former, chosen])
  await ask('uninstall', [former])
  const control = `Depends: ${library}, ${shared}, ${chosen}`
  const installed = () => names.filter((name) => stateOf(name).startsWith('install ok installed'))
  expect(installed()).toEqual([shared, chosen, leftover])
  return {
    ...debian,
    ask,
    installed,
    control,
    async install() {
      const end = await engine.carryOut(makeInstall(await installation(shelf, { name: demo, version: '1.0', control })))
      expect(end.outcome, engine.output(end.invocationId, 'stderr').toString()).toMatchObject({ state: 'succeeded' })
    },
    async uninstall(more: Parameters<typeof makeInvocation>[0] = {}) {
      const end = await engine.carryOut(makeInvocation({ action: 'uninstall', ...more }))
      return { ...end.outcome, said: engine.output(end.invocationId, 'stderr').toString() }
    },
  }
}

test('uninstalling with autoremove removes the dependencies that become unneeded, and no other package', async ({
  skip,
}) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { install, uninstall, installed } = await start()
  await install()
  const end = await uninstall({ autoremove: true })
  expect(end, end.said).toMatchObject({
    state: 'succeeded',
    reason: `Uninstalled v1. The package manager also removed ${deep} 1.0, ${library} 1.0.`,
    installed: { status: 'absent' },
  })
  expect(installed()).toEqual([shared, chosen, leftover])
})

test('autoremove does not allow the removal of dependent packages; with both, their dependencies are removed too', async ({
  skip,
}) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { install, uninstall, installed, offer, ask } = await start()
  await install()
  await offer({ name: user, version: '1.0', control: `Depends: ${demo}, ${library}` })
  await ask('install', [user])
  const refused = await uninstall({ autoremove: true })
  expect(refused, refused.said).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining(`would also remove ${user}.`),
  })
  const end = await uninstall({ autoremove: true, allowRemovals: true })
  expect(end, end.said).toMatchObject({
    state: 'succeeded',
    reason: `Uninstalled v1. The package manager also removed ${deep} 1.0, ${library} 1.0, ${user} 1.0.`,
  })
  expect(installed()).toEqual([shared, chosen, leftover])
})

test('a dependency that another package needs is kept', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { install, uninstall, installed, offer, ask } = await start()
  await install()
  await offer({ name: user, version: '1.0', control: `Depends: ${library}` })
  await ask('install', [user])
  const end = await uninstall({ autoremove: true })
  expect(end, end.said).toMatchObject({ state: 'succeeded', reason: 'Uninstalled v1.' })
  expect(installed()).toEqual([user, library, deep, shared, chosen, leftover])
})

test('OS packages: dependencies are kept, also where the configuration of apt removes them, unless autoremove is set', async ({
  skip,
}) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { ask, installed, offer, control, environment } = await start()
  await offer({ name: demo, version: '1.0', control })
  await appendFile(environment['APT_CONFIG'] ?? '', 'APT::Get::AutomaticRemove "true";\n')
  await ask('install', [demo])
  const kept = await ask('uninstall', [demo])
  expect(kept, kept.said).toMatchObject({ state: 'succeeded', reason: `Removed ${demo} 1.0.` })
  expect(installed()).toEqual([library, deep, shared, chosen, leftover])
  await ask('uninstall', [library, deep])
  await ask('install', [demo])
  const end = await ask('uninstall', [demo], { autoremove: true })
  expect(end, end.said).toMatchObject({
    state: 'succeeded',
    reason: `Removed ${deep} 1.0, ${demo} 1.0, ${library} 1.0.`,
  })
  expect(installed()).toEqual([shared, chosen, leftover])
})
