// OS packages by the real package manager, from a local source: nothing is downloaded.
import { expect, test } from 'vitest'
import { createPlatform } from '../../../src/agent/platform/create-platform.ts'
import type { OsPackages } from '../../../src/core/execution/invocation.ts'
import { makeInstall, TestEngine } from './agent-engine.ts'
import { canInstallDebs, startDebian } from './debian.ts'

const name = `chandler-os-${process.pid}`
const needed = `${name}-needed`

async function startWithSource() {
  const { engine, offer } = await startDebian([name, needed])
  return {
    engine,
    offer: (packageName: string, version: string, depends = '') =>
      offer({ name: packageName, version, control: depends && `Depends: ${depends}` }),
    ask: (action: OsPackages['action'], names: string[], installer: OsPackages['installer'] = 'auto') =>
      engine.carryOut(
        makeInstall(
          { run: { timeoutMs: 120_000 } },
          { action: 'run', extensionId: 'os-packages', extensionName: '', osPackages: { action, installer, names } },
        ),
      ),
  }
}

test('OS packages are installed, kept, updated and removed, and the end lists the changes', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may manage its packages')
  const { offer, ask, engine } = await startWithSource()
  await offer(needed, '1.0')
  await offer(name, '1.0', needed)
  const first = await ask('install', [name])
  expect(first.outcome, engine.output(first.invocationId, 'stderr').toString()).toMatchObject({
    state: 'succeeded',
    reasonCode: 'Succeeded',
    reason: `Installed ${name} 1.0, ${needed} 1.0.`,
  })
  await offer(name, '2.0', needed)
  expect((await ask('install', [name])).outcome).toMatchObject({
    reasonCode: 'AlreadyAsWanted',
    reason: 'There was nothing to do.',
    output: `${name} is installed\n`,
  })
  expect((await ask('update', [name], 'apt-get')).outcome.reason).toBe(`Updated ${name} from 1.0 to 2.0.`)
  expect((await ask('install', [`${name}=1.0`])).outcome.reason).toBe(`Updated ${name} from 2.0 to 1.0.`)
  expect((await ask('uninstall', [name])).outcome).toMatchObject({
    reasonCode: 'Succeeded',
    reason: `Removed ${name} 1.0.`,
  })
  const gone = await ask('uninstall', [name])
  expect(gone.outcome).toMatchObject({ state: 'succeeded', reasonCode: 'AlreadyAsWanted' })
  expect((await ask('update', [name])).outcome).toMatchObject({ state: 'succeeded', reasonCode: 'AlreadyAsWanted' })
  expect(gone.outcome.installed).toBeUndefined()
})

test("a package that no source has is a failure with the package manager's message", async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may manage its packages')
  const { offer, ask } = await startWithSource()
  await offer(needed, '1.0')
  const { outcome } = await ask('install', [`${name}-nowhere`])
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    reason: `The package manager failed with exit code 100. It said: E: Unable to locate package ${name}-nowhere.`,
  })
})

test('a package manager that the instance does not have is reported before anything runs', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may manage its packages')
  const { ask } = await startWithSource()
  expect((await ask('install', ['x'], 'zypper')).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'Unsupported',
    reason: 'There is no zypper on this instance.',
  })
})

test('an agent without permission to manage packages reports it', async () => {
  const own = createPlatform()
  const engine = await TestEngine.start({ platform: { ...own, isPrivileged: false } })
  const osPackages = { action: 'install' as const, installer: 'auto' as const, names: ['x'] }
  const { outcome } = await engine.carryOut(makeInstall({}, { action: 'run', extensionId: 'os-packages', osPackages }))
  expect(outcome).toMatchObject({ state: 'failed', reasonCode: 'NotPermitted' })
})
