// Real packages by the real package manager, and what an agent that may not, or a kind that cannot, says.
import { execFileSync } from 'node:child_process'
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createPlatform } from '../../src/agent/platform/create-platform.ts'
import { ArtifactShelf, isRoot, makeFolder, makeInstall, makeInvocation, TestEngine } from './agent-engine.ts'

const isDebian = await access('/usr/bin/dpkg-deb').then(
  () => true,
  () => false,
)
const name = `chandler-test-${process.pid}`

async function makeDeb(version: string, postinst = 'exit 0', packageName = name): Promise<Buffer> {
  const folder = await makeFolder()
  await mkdir(join(folder, 'DEBIAN'), { recursive: true })
  await mkdir(join(folder, 'usr', 'share', packageName), { recursive: true })
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'usr', 'share', packageName, 'version'), version)
  const control = `Package: ${packageName}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: a test\n`
  await writeFile(join(folder, 'DEBIAN', 'control'), control)
  await writeFile(join(folder, 'DEBIAN', 'postinst'), `#!/bin/sh\n${postinst}\n`, { mode: 0o755 })
  const file = `${folder}.deb`
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', folder, file], { stdio: 'ignore' })
  onTestFinished(() => void execFileSync('rm', ['-f', file]))
  return readFile(file)
}

const purgeAfterTest = (packageName = name) =>
  onTestFinished(() => void execFileSync('dpkg', ['--purge', '--force-all', packageName], { stdio: 'ignore' }))

test('a deb is installed, replaced in place, put back when its successor fails, and removed, without any script', async ({
  skip,
}) => {
  skip(!isRoot || !isDebian, 'only root on Debian may install a deb')
  purgeAfterTest()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const path = `/usr/share/${name}/version`
  const details = async (version: number, debVersion: string, postinst?: string) => ({
    version,
    artifact: shelf.add(await makeDeb(debVersion, postinst), `${name}_${debVersion}_all.deb`, 'deb'),
    verify: [{ kind: 'package' as const, name, version: debVersion, withinMs: 1_000 }],
  })
  const first = await engine.carryOut(makeInstall(await details(1, '1.0')))
  expect(first.outcome, engine.output(first.invocationId, 'stderr').toString()).toMatchObject({
    state: 'succeeded',
    installed: { version: 1 },
  })
  expect(await readFile(path, 'utf8')).toBe('1.0')

  const update = await engine.carryOut(makeInstall(await details(2, '2.0'), { action: 'update' }))
  expect(update.outcome).toMatchObject({ state: 'succeeded', reason: 'Updated v1 to v2.' })
  expect(await readFile(path, 'utf8')).toBe('2.0')

  const bad = await engine.carryOut(makeInstall(await details(3, '3.0', 'exit 1'), { action: 'update' }))
  expect(bad.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    installed: { status: 'installed', version: 2 },
  })
  expect(bad.outcome.reason).toMatch(
    /^The package manager, installing v3, failed with exit code 1\..* v2 was put back\.$/,
  )
  expect(await readFile(path, 'utf8')).toBe('2.0')

  const gone = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  expect(gone.outcome).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
  expect(await createPlatform().findPackageVersion(name)).toBeUndefined()
})

test('a deb that takes the place of one with another name: the old one is removed after it', async ({ skip }) => {
  skip(!isRoot || !isDebian, 'only root on Debian may install a deb')
  const renamed = `${name}-renamed`
  purgeAfterTest(name)
  purgeAfterTest(renamed)
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  await engine.carryOut(makeInstall({ version: 1, artifact: shelf.add(await makeDeb('1.0'), 'old.deb', 'deb') }))
  const end = await engine.carryOut(
    makeInstall(
      { version: 2, artifact: shelf.add(await makeDeb('1.0', 'exit 0', renamed), 'new.deb', 'deb') },
      { action: 'update' },
    ),
  )
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  expect(engine.output(end.invocationId).toString()).toContain(`removing ${name}, which ${renamed} takes the place of`)
  expect(await access(`/usr/share/${name}`).catch((error: { code: string }) => error.code)).toBe('ENOENT')
  expect(await readFile(`/usr/share/${renamed}/version`, 'utf8')).toBe('1.0')
})

test('who may not install packages is told before anything is run', async () => {
  const shelf = new ArtifactShelf()
  const platform = { ...createPlatform(), isPrivileged: false }
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch, platform })
  const artifact = shelf.add(Buffer.from('no deb'), 'x_1_all.deb', 'deb')
  const { outcome } = await engine.carryOut(makeInstall({ artifact }))
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'NotPermitted',
    reason: expect.stringContaining('root'),
  })
  const user = await engine.carryOut(makeInstall({ scripts: { install: 'true' }, run: { runAs: 'somebody' } }))
  expect(user.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'NotPermitted',
    reason: expect.stringContaining('somebody'),
  })
})

test.each(['rpm', 'msi'] as const)('%s packages are said to be unsupported yet', async (kind) => {
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const { outcome } = await engine.carryOut(makeInstall({ artifact: shelf.add(Buffer.from('x'), `x.${kind}`, kind) }))
  expect(outcome).toMatchObject({ state: 'failed', reasonCode: 'Unsupported', reason: expect.stringContaining(kind) })
  expect(outcome.installed).toBeUndefined()
})
