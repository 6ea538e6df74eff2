// OS packages by the real package manager, out of a source of its own: nothing is fetched from anywhere.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createPlatform } from '../../src/agent/platform/create-platform.ts'
import type { OsPackages } from '../../src/core/invocation.ts'
import { isRoot, makeFolder, makeInstall, TestEngine } from './agent-engine.ts'

const isDebian = await access('/usr/bin/dpkg-deb').then(
  () => true,
  () => false,
)
const name = `chandler-os-${process.pid}`
const needed = `${name}-needed`

/** A folder that apt takes packages from, and an engine whose apt knows no other source. */
async function startWithSource() {
  const source = await makeFolder()
  await chmod(source, 0o755)
  const state = await makeFolder()
  await chmod(state, 0o755)
  await mkdir(join(state, 'lists', 'partial'), { recursive: true })
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true })
  await writeFile(join(state, 'sources.list'), `deb [trusted=yes] file:${source} ./\n`)
  const config = {
    'Dir::Etc::SourceList': join(state, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(state, 'lists'),
    'Dir::Cache': join(state, 'cache'),
    'APT::Sandbox::User': 'root',
  }
  await writeFile(
    join(state, 'apt.conf'),
    Object.entries(config)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  )
  const own = createPlatform()
  const platform = { ...own, baseEnvironment: { ...own.baseEnvironment, APT_CONFIG: join(state, 'apt.conf') } }
  const engine = await TestEngine.start({ platform: platform })
  onTestFinished(() => void execFileSync('dpkg', ['--purge', '--force-all', name, needed], { stdio: 'ignore' }))
  const index: string[] = []
  return {
    engine,
    async offer(packageName: string, version: string, depends = '') {
      const folder = await makeFolder()
      await mkdir(join(folder, 'DEBIAN'), { recursive: true })
      await chmod(folder, 0o755)
      const control = `Package: ${packageName}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\n${depends && `Depends: ${depends}\n`}Description: a test\n`
      await writeFile(join(folder, 'DEBIAN', 'control'), control)
      const fileName = `${packageName}_${version}_all.deb`
      execFileSync('dpkg-deb', ['--build', '--root-owner-group', folder, join(source, fileName)], { stdio: 'ignore' })
      const content = await readFile(join(source, fileName))
      const digest = createHash('sha256').update(content).digest('hex')
      index.push(`${control}Filename: ./${fileName}\nSize: ${content.length}\nSHA256: ${digest}\n`)
      await writeFile(join(source, 'Packages'), `${index.join('\n')}\n`)
    },
    ask: (action: OsPackages['action'], names: string[], installer: OsPackages['installer'] = 'auto') =>
      engine.carryOut(
        makeInstall(
          { run: { timeoutMs: 120_000 } },
          { action: 'run', extensionId: 'os-packages', extensionName: '', osPackages: { action, installer, names } },
        ),
      ),
  }
}

test('OS packages are installed, kept, updated and removed, and the end says what has changed', async ({ skip }) => {
  skip(!isRoot || !isDebian, 'only root on Debian may manage its packages')
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

test('what no source has is a failure in the words of the package manager', async ({ skip }) => {
  skip(!isRoot || !isDebian, 'only root on Debian may manage its packages')
  const { offer, ask } = await startWithSource()
  await offer(needed, '1.0')
  const { outcome } = await ask('install', [`${name}-nowhere`])
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    reason: `The package manager failed with exit code 100. It said: E: Unable to locate package ${name}-nowhere`,
  })
})

test('a package manager that an instance has not is named before anything is run', async ({ skip }) => {
  skip(!isRoot || !isDebian, 'only root on Debian may manage its packages')
  const { ask } = await startWithSource()
  expect((await ask('install', ['x'], 'zypper')).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'Unsupported',
    reason: 'There is no zypper on this instance.',
  })
})

test('who may not manage packages is told', async () => {
  const own = createPlatform()
  const engine = await TestEngine.start({ platform: { ...own, isPrivileged: false } })
  const osPackages = { action: 'install' as const, installer: 'auto' as const, names: ['x'] }
  const { outcome } = await engine.carryOut(makeInstall({}, { action: 'run', extensionId: 'os-packages', osPackages }))
  expect(outcome).toMatchObject({ state: 'failed', reasonCode: 'NotPermitted' })
})
