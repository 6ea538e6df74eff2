// deb packages that cannot be installed: each case has a clear reason, and what is left is in it. The cases of rpm packages are in
// agent-engine-rpm.test.ts.
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder, makeInstall, makeInvocation } from '../integration/agent/agent-engine.ts'
import { ArtifactShelf } from '../integration/agent/artifact-shelf.ts'
import { canInstallDebs, type DebDetails, holdLock, startDebian } from '../integration/agent/debian.ts'

const name = `chandler-bad-${process.pid}`
const other = `${name}-other`
const failed = { state: 'failed', reasonCode: 'ScriptFailed' }

async function start(programs?: string) {
  const shelf = new ArtifactShelf()
  const debian = await startDebian([name, other], { fetchArtifact: shelf.fetch }, programs)
  const { engine, installation } = debian
  return {
    ...debian,
    shelf,
    async install(details: Partial<DebDetails>, version = 1, more: Parameters<typeof makeInstall>[1] = {}) {
      const made = await installation(shelf, { name, version: `${version}.0`, ...details }, { version })
      const { outcome, invocationId } = await engine.carryOut(makeInstall(made, more))
      return { ...outcome, said: engine.output(invocationId, 'stderr').toString() }
    },
  }
}
type System = Awaited<ReturnType<typeof start>>

const cases: Record<string, (system: System) => Promise<void>> = {
  'another architecture': async ({ install, stateOf }) => {
    const end = await install({ arch: 's390x' })
    expect(end, end.said).toMatchObject(failed)
    expect(end.reason).toMatch(/architecture|s390x/)
    expect(stateOf(name)).toBe('')
  },
  'a file that is no package': async ({ engine, shelf, stateOf }) => {
    const artifact = shelf.add(Buffer.from('no package'), `${name}_1_all.deb`, 'deb')
    const { outcome } = await engine.carryOut(makeInstall({ artifact }))
    expect(outcome).toMatchObject({ state: 'failed' })
    expect(outcome.reason).toMatch(/dpkg-deb: error: .* in .*_1_all\.deb/)
    expect(stateOf(name)).toBe('')
  },
  'a package whose end is missing': async ({ engine, installation, shelf, stateOf }) => {
    const whole = await installation(shelf, { name, version: '1.0' })
    const bytes = shelf.contents.get(whole.artifact?.sha256 ?? '') ?? Buffer.of()
    const artifact = shelf.add(bytes.subarray(0, bytes.length - 40), `${name}_1.0_all.deb`, 'deb')
    const { outcome } = await engine.carryOut(makeInstall({ artifact }))
    expect(outcome).toMatchObject({ state: 'failed' })
    expect(outcome.reason).toMatch(/Invalid archive member|unexpected end of file/)
    expect(stateOf(name)).not.toBe('install ok installed 1.0')
  },
  'a dependency that nobody has': async ({ install, stateOf }) => {
    const end = await install({ control: 'Depends: nowhere (>= 3)' })
    expect(end, end.said).toMatchObject(failed)
    expect(end.reason).toContain('nowhere')
    expect(stateOf(name)).toBe('')
  },
  'a file of another package': async ({ install, installation, engine, shelf, stateOf }) => {
    const path = `/usr/share/${other}/contested`
    const owner = await installation(shelf, { name: other, version: '1.0', files: { [path]: 'theirs' } })
    await engine.carryOut(makeInstall(owner, { extensionId: 'ext-other' }))
    const end = await install({ files: { [path]: 'ours' } })
    expect(end, end.said).toMatchObject(failed)
    expect(end.reason).toContain(`trying to overwrite '${path}', which is also in package ${other} 1.0`)
    expect(stateOf(name)).not.toContain('ok installed')
  },
  'a preinst that fails': async ({ install, stateOf }) => {
    const end = await install({ scripts: { preinst: 'echo no licence >&2; exit 7' } })
    expect(end, end.said).toMatchObject(failed)
    expect(end.reason).toMatch(/no licence .*pre-installation script subprocess returned error exit status 7/)
    expect(stateOf(name)).not.toContain('ok installed')
  },
  'a postinst that fails': async ({ install, stateOf }) => {
    const end = await install({ scripts: { postinst: 'echo no licence >&2; exit 7' } })
    expect(end, end.said).toMatchObject({ ...failed, installed: { status: 'broken' } })
    expect(end.reason).toMatch(/no licence .*post-installation script subprocess returned error exit status 7/)
    expect(stateOf(name)).toContain('half-configured')
  },
  'a prerm that fails leaves the package, and is the reason': async ({ install, engine, stateOf }) => {
    await install({ scripts: { prerm: 'echo busy >&2; exit 9' } })
    const { outcome } = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
    expect(outcome).toMatchObject(failed)
    expect(outcome.reason).toMatch(/busy .*pre-removal script subprocess returned error exit status 9/)
    expect(stateOf(name)).toContain('installed 1.0')
  },
  'a maintainer script that asks a question gets no answer and ends': async ({ install }) => {
    const end = await install({ scripts: { preinst: 'echo "Accept the licence?"; read answer || exit 3' } })
    expect(end, end.said).toMatchObject(failed)
    expect(end.reason).toContain('pre-installation script subprocess returned error exit status 3')
  },
  'a changed configuration file raises no question: it stays': async ({ install }) => {
    const path = `/usr/share/${name}/settings`
    const files = (text: string) => ({ files: { [path]: text }, conffiles: [path] })
    expect(await install(files('default 1\n'))).toMatchObject({ state: 'succeeded' })
    await writeFile(path, 'mine\n')
    const update = await install(files('default 2\n'), 2, { action: 'update' })
    expect(update, update.said).toMatchObject({ state: 'succeeded' })
    expect(execFileSync('cat', [path], { encoding: 'utf8' })).toBe('mine\n')
  },
  'a full disk': async ({ install, stateOf }) => {
    const place = await makeFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place])
    onTestFinished(() => void execFileSync('umount', ['--lazy', place]))
    const end = await install({ files: { [join(place, 'big')]: 'x'.repeat(8_000_000) } })
    expect(end, end.said).toMatchObject({ state: 'failed' })
    expect(end.reason, end.said).toMatch(/No space left on device|enough free space/)
    expect(stateOf(name)).not.toContain('ok installed')
  },
}

test.for(Object.entries(cases))('%s', async ([, expectCase], { skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  await expectCase(await start())
})

test('a lock that is never released is the reason, after ten minutes', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  // The wait counts seconds: here each takes no time.
  const programs = join(await makeFolder(), 'bin')
  await mkdir(programs)
  const perl = `#!/bin/sh\nexec /usr/bin/perl -e 'BEGIN { *CORE::GLOBAL::sleep = sub { 1 } }' "$@"\n`
  await writeFile(join(programs, 'perl'), perl, { mode: 0o755 })
  const { install, adminDirectory, stateOf } = await start(programs)
  await holdLock(join(adminDirectory, 'lock-frontend'))
  const end = await install({})
  expect(end, end.said).toMatchObject({ state: 'failed' })
  expect(end.reason).toMatch(
    /^Another package manager was at work: process \d+ \(perl\) held .*lock-frontend for too long/,
  )
  expect(stateOf(name)).toBe('')
})

test('an rpm package is refused on a system of deb packages', async ({ skip }) => {
  skip(!canInstallDebs, 'only root on Debian may install a deb')
  const { engine, shelf } = await start()
  const artifact = shelf.add(Buffer.from('no package'), 'demo-1-1.noarch.rpm', 'rpm')
  const { outcome } = await engine.carryOut(makeInstall({ artifact }))
  expect(outcome).toMatchObject({ state: 'failed' })
  expect(outcome.reason).toMatch(/rpm/)
  expect(outcome.installed).toBeUndefined()
})
