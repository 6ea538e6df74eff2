// Real packages by the real package manager, and the errors without permission or support.
import { access, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createPlatform } from '../../src/agent/platform/create-platform.ts'
import { makeInstall, makeInvocation, TestEngine } from '../integration/agent/agent-engine.ts'
import { ArtifactShelf } from '../integration/agent/artifact-shelf.ts'
import { canInstallDebs, startDebian } from '../integration/agent/debian.ts'

const name = `chandler-test-${process.pid}`
const other = `${name}-other`

test('a deb is installed, replaced in place, rolled back to when its successor fails, and removed, without any script', async ({
  skip,
}) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const shelf = new ArtifactShelf()
  const { engine, installation } = await startDebian([name], { fetchArtifact: shelf.fetch })
  const path = `/usr/share/${name}/version`
  const details = (version: number, debVersion: string, postinst = 'exit 0') =>
    installation(
      shelf,
      { name, version: debVersion, scripts: { postinst } },
      { version, verify: [{ kind: 'package' as const, name, version: debVersion, withinMs: 1_000 }] },
    )
  const first = await engine.carryOut(makeInstall(await details(1, '1.0')))
  expect(first.outcome, engine.output(first.invocationId, 'stderr').toString()).toMatchObject({
    state: 'succeeded',
    reason: 'Installed v1.',
    installed: { version: 1 },
  })
  expect(await readFile(path, 'utf8')).toBe('1.0')

  const update = await engine.carryOut(makeInstall(await details(2, '2.0'), { action: 'update' }))
  expect(update.outcome).toMatchObject({ state: 'succeeded', reason: 'Updated v1 to v2.' })
  expect(await readFile(path, 'utf8')).toBe('2.0')

  const bad = await engine.carryOut(
    makeInstall(await details(3, '3.0', 'echo no licence >&2; exit 7'), { action: 'update' }),
  )
  expect(bad.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    reason: `The package manager, installing v3, failed with exit code 100. It said: no licence (installed ${name} package post-installation script subprocess returned error exit status 7). v2 was put back.`,
    installed: { status: 'installed', version: 2 },
  })
  expect(await readFile(path, 'utf8')).toBe('2.0')

  const gone = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  expect(gone.outcome).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
  expect(await createPlatform().findPackageVersion(name)).toBeUndefined()
})

test('a deb that replaces one with another name: the old one is removed after it', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const shelf = new ArtifactShelf()
  const { engine, installation } = await startDebian([name, other], { fetchArtifact: shelf.fetch })
  await engine.carryOut(makeInstall(await installation(shelf, { name, version: '1.0' }, { version: 1 })))
  const end = await engine.carryOut(
    makeInstall(await installation(shelf, { name: other, version: '1.0' }, { version: 2 }), { action: 'update' }),
  )
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  expect(engine.output(end.invocationId).toString()).toContain(`removing ${name}, which ${other} takes the place of`)
  expect(await access(`/usr/share/${name}`).catch((error: { code: string }) => error.code)).toBe('ENOENT')
  expect(await readFile(`/usr/share/${other}/version`, 'utf8')).toBe('1.0')
})

test('an agent without permission to install packages reports it before anything runs', async () => {
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

test('msi packages are refused as unsupported', async () => {
  const kind = 'msi'
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const { outcome } = await engine.carryOut(makeInstall({ artifact: shelf.add(Buffer.from('x'), `x.${kind}`, kind) }))
  expect(outcome).toMatchObject({ state: 'failed', reasonCode: 'Unsupported', reason: expect.stringContaining(kind) })
  expect(outcome.installed).toBeUndefined()
})
