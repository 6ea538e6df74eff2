// Artifacts on their way to a script: interrupted downloads, malicious archives, full disks.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create } from 'tar'
import { expect, onTestFinished, test } from 'vitest'
import type { FetchArtifact } from '../../../src/agent/invocation/worker.ts'
import { makeTarEntry, makeZip } from '../../archive-samples.ts'
import {
  isRoot,
  isRunning,
  makeFolder,
  makeInstall,
  makeInstallation,
  makeInvocation,
  readPid,
  TestEngine,
} from './agent-engine.ts'
import { ArtifactShelf } from './artifact-shelf.ts'

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

const list = 'ls -lR --time-style=+ . | tr -s " " | cut -d" " -f1,5-'

async function makeTar(name: string, gzip: boolean): Promise<Buffer> {
  const folder = await makeFolder()
  await mkdir(join(folder, 'demo', 'bin'), { recursive: true })
  await writeFile(join(folder, 'demo', 'bin', 'run'), '#!/bin/sh\necho "it runs"\n', { mode: 0o755 })
  await writeFile(join(folder, 'demo', 'secret'), 'x', { mode: 0o600 })
  await symlink('run', join(folder, 'demo', 'bin', 'link'))
  await create({ cwd: folder, file: join(folder, name), gzip, portable: true }, ['demo'])
  return readFile(join(folder, name))
}

test.each([
  ['demo.tar', false],
  ['demo.tgz', true],
])('%s is unpacked beside itself, with its modes and links', async (name, gzip) => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(await makeTar(name, gzip), name, 'tar')
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const end = await engine.carryOut(
    makeInstall({
      artifact,
      run: { unpack: true },
      scripts: {
        install: `demo/bin/link; stat -c '%a %U' demo/secret demo/bin/run; test -f ${name} && ${list} > /dev/null`,
      },
    }),
  )
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  const user = execFileSync('id', ['-un']).toString().trim()
  expect(engine.output(end.invocationId).toString()).toBe(`it runs\n600 ${user}\n755 ${user}\n`)
})

test.each(['xz', 'bzip2'])('a tar packed with %s is unpacked by that program', async (program) => {
  const shelf = new ArtifactShelf()
  const packed = execFileSync(program, ['-c'], { input: await makeTar('demo.tar', false) })
  const artifact = shelf.add(packed, 'demo.tar.x', 'tar')
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const end = await engine.carryOut(
    makeInstall({ artifact, run: { unpack: true }, scripts: { install: 'demo/bin/run' } }),
  )
  expect(engine.output(end.invocationId).toString()).toBe('it runs\n')
})

test.each([
  ['a path with ..', [makeTarEntry('../../out', '0', { content: 'x' })]],
  ['an absolute path', [makeTarEntry('/tmp/chandler-engine-out', '0', { content: 'x' })]],
  ['a hard link out', [makeTarEntry('in', '1', { link: '../../../../etc/passwd' })]],
  ['a symbolic link out', [makeTarEntry('in', '2', { link: '../../../../etc' })]],
  ['a device', [makeTarEntry('null', '3')]],
  ['an entry of its own name', [makeTarEntry('demo.tgz', '0', { content: 'x' })]],
  ['nothing but noise', [randomBytes(2_048)]],
])('a tar with %s is refused, and nothing runs or remains', async (_, entries) => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(
    gzipSync(Buffer.concat([makeTarEntry('first', '0', { content: 'x' }), ...entries, Buffer.alloc(1_024)])),
    'demo.tgz',
    'tar',
  )
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const { outcome } = await engine.carryOut(
    makeInstall({ artifact, run: { unpack: true }, scripts: { install: 'echo never' } }),
  )
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'Unsupported',
    reason: expect.stringMatching('cannot be unpacked|the name of the archive'),
  })
  expect(outcome.installed).toBeUndefined()
  expect(await readdir(join(engine.directory, 'workspaces'))).toEqual([])
  await expect.poll(() => readdir(join(engine.directory, 'artifacts'))).toEqual([])
})

test('a zip is unpacked with its modes and links; one that leaves the workspace is refused', async () => {
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const zip = makeZip([
    { name: 'demo/', content: '', mode: 0o040755 },
    { name: 'demo/run', content: '#!/bin/sh\necho zipped\n', mode: 0o100775 },
    { name: 'demo/link', content: 'run', mode: 0o120777 },
  ])
  const good = shelf.add(zip, 'demo.zip', 'zip')
  const end = await engine.carryOut(
    makeInstall({ artifact: good, run: { unpack: true }, scripts: { install: 'demo/link; stat -c %a demo/run' } }),
  )
  expect(engine.output(end.invocationId).toString()).toBe('zipped\n755\n')
  const bad = { '../out': 0o100644, '/out': 0o100644, 'a/link': 0o120777, fifo: 0o010644 }
  for (const [name, mode] of Object.entries(bad)) {
    const artifact = shelf.add(makeZip([{ name, content: '../../x', mode }]), 'demo.zip', 'zip')
    const { outcome } = await engine.carryOut(
      makeInstall({ artifact, run: { unpack: true }, scripts: { install: 'echo never' } }, { extensionId: 'ext-bad' }),
    )
    expect(outcome, name).toMatchObject({ state: 'failed', reasonCode: 'Unsupported' })
  }
})

test('an interrupted download resumes, also in the next agent process', async () => {
  const content = randomBytes(1_000_000)
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(content, 'demo.bin')
  let breaks = 2
  const broken: FetchArtifact = async (url, rangeStart, signal) => {
    const { start, body } = await shelf.fetch(url, rangeStart, signal)
    if (breaks-- <= 0) return { start, body }
    return {
      start,
      body: (async function* () {
        let sent = 0
        for await (const piece of body) {
          yield piece
          if ((sent += piece.length) >= 300_000) throw new Error('the connection was lost')
        }
      })(),
    }
  }
  const never: FetchArtifact = (_, __, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  let calls = 0
  const first = await TestEngine.start({ fetchArtifact: (...args) => (++calls === 1 ? broken : never)(...args) })
  const invocation = makeInstall({ artifact, scripts: { install: 'sha256sum demo.bin' } })
  await first.worker.offer(invocation)
  await expect.poll(() => calls, { timeout: 110_000 }).toBe(2)
  await first.worker.close()
  const second = await TestEngine.start({ stateDirectory: first.directory, fetchArtifact: broken })
  expect((await second.end(invocation.id)).outcome.state).toBe('succeeded')
  expect(second.output(invocation.id).toString()).toContain(artifact.sha256)
  expect(shelf.asked).toEqual([0, 327_680, 655_360])
})

test('downloads are verified: after one wrong download it retries, after two it fails and describes the bytes', async () => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(Buffer.from('the right content'), 'demo.bin')
  let wrongDownloads = 1
  const lying: FetchArtifact = (url, rangeStart, signal) =>
    wrongDownloads-- > 0
      ? Promise.resolve({
          start: 0,
          body: (async function* () {
            yield Buffer.from('the wrong content')
          })(),
        })
      : shelf.fetch(url, rangeStart, signal)
  const engine = await TestEngine.start({ fetchArtifact: lying })
  const invocation = () =>
    makeInstall({ artifact, scripts: { install: 'cat demo.bin' } }, { extensionId: `ext-${wrongDownloads}` })
  expect((await engine.carryOut(invocation())).outcome.state).toBe('succeeded')
  wrongDownloads = 2
  const other = await TestEngine.start({ fetchArtifact: lying })
  const { outcome } = await other.carryOut(invocation())
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ArtifactMismatch',
    reason: expect.stringContaining(artifact.sha256),
  })
  expect(outcome.installed).toBeUndefined()
})

test.each([
  ['short', Buffer.from('the right')],
  ['long', Buffer.from('the right content and more')],
])('a download that is too %s is an ArtifactMismatch', async (_, content) => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(Buffer.from('the right content'), 'demo.bin')
  shelf.contents.set(artifact.sha256, content)
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const { outcome } = await engine.carryOut(makeInstall({ artifact, scripts: { install: 'true' } }))
  expect(outcome).toMatchObject({ state: 'failed', reasonCode: 'ArtifactMismatch' })
})

test('a refusal of the server ends it at once; an unreachable one is retried until the timeout', async () => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(Buffer.from('x'), 'demo.bin')
  shelf.contents.clear()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const refused = await engine.carryOut(makeInstall({ artifact, scripts: { install: 'true' } }))
  expect(refused.outcome).toMatchObject({
    reasonCode: 'DownloadFailed',
    reason: 'demo.bin could not be downloaded: the server does not have it (404).',
  })
  let tries = 0
  const away = await TestEngine.start({
    downloadPatienceMs: 600,
    fetchArtifact: async () => {
      tries++
      throw new Error('connect ECONNREFUSED')
    },
  })
  const unreachable = await away.carryOut(makeInstall({ artifact, scripts: { install: 'true' } }))
  expect(unreachable.outcome).toMatchObject({
    reasonCode: 'DownloadFailed',
    reason: expect.stringContaining('ECONNREFUSED'),
  })
  expect(tries).toBeGreaterThan(1)
})

test('two invocations that need the same artifact share one download; a cancel of one does not affect the other', async () => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(Buffer.from('shared'), 'demo.bin')
  let open = () => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const engine = await TestEngine.start({ fetchArtifact: (...args) => gate.then(() => shelf.fetch(...args)) })
  const [first, second] = ['ext-a', 'ext-b'].map((extensionId) =>
    makeInstall({ artifact, scripts: { install: 'cat demo.bin' } }, { extensionId }),
  )
  if (!first || !second) throw new Error('two were made')
  await engine.worker.offer(first)
  await engine.worker.offer(second)
  await expect.poll(() => engine.steps(first.id).concat(engine.steps(second.id))).toHaveLength(2)
  engine.worker.cancel(first.id)
  expect((await engine.end(first.id)).outcome.state).toBe('cancelled')
  open()
  expect((await engine.end(second.id)).outcome.state).toBe('succeeded')
  expect(shelf.asked).toEqual([0])
})

test('the download stays below its rate limit', async () => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(randomBytes(300_000), 'demo.bin')
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch, maxDownloadBytesPerSecond: 500_000 })
  const startedAt = performance.now()
  expect((await engine.carryOut(makeInstall({ artifact, scripts: { install: 'true' } }))).outcome.state).toBe(
    'succeeded',
  )
  expect(performance.now() - startedAt).toBeGreaterThan(550)
})

test('installed artifacts stay in the cache, intact: a script that spoils its package spoils a copy; others are removed', async () => {
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const artifact = shelf.add(Buffer.from('whole'), 'demo.bin')
  await engine.carryOut(
    makeInstall({ artifact, scripts: { install: 'echo spoilt > demo.bin', uninstall: 'cat "$CHANDLER_PACKAGE"' } }),
  )
  expect(await readFile(join(engine.directory, 'artifacts', artifact.sha256), 'utf8')).toBe('whole')
  // The agent detects a corrupt cache and downloads the artifact again.
  await writeFile(join(engine.directory, 'artifacts', artifact.sha256), 'worse')
  const again = await engine.carryOut(
    makeInstall({ artifact, scripts: { install: 'cat demo.bin' }, parameters: { a: 1 } }, { extensionId: 'ext-other' }),
  )
  expect(engine.output(again.invocationId).toString()).toBe('whole')
  for (const extensionId of ['ext-other', 'ext-test'])
    await engine.carryOut(makeInvocation({ action: 'uninstall', extensionId }))
  await expect.poll(() => readdir(join(engine.directory, 'artifacts'))).toEqual([])
})

test('a full disk: reported with both numbers before the download; reported while the journal is written; nothing half-done', async ({
  skip,
}) => {
  skip(!isRoot, 'only root may mount a small disk to fill')
  const disk = await makeFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=711', 'tmpfs', disk])
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ stateDirectory: disk, fetchArtifact: shelf.fetch })
  const large = shelf.add(randomBytes(3 * 1024 * 1024), 'large.bin')
  const { outcome } = await engine.carryOut(makeInstall({ artifact: large, scripts: { install: 'echo never' } }))
  expect(outcome).toMatchObject({ state: 'failed', reasonCode: 'DiskFull' })
  expect(outcome.reason).toMatch(/needs 3145728 bytes .* and [0-9]+ are free/)

  // Filled to the last byte: not even an invocation fits.
  await expect.poll(() => readdir(join(disk, 'invocations'))).toEqual([])
  const fill = () => execFileSync('sh', ['-c', `dd if=/dev/zero of=${disk}/filler bs=4096 2>/dev/null || true`])
  fill()
  const unjournalled = await engine.carryOut(makeInstall({ scripts: { install: 'echo never' } }))
  expect(unjournalled.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'DiskFull',
    reason: expect.stringContaining('was not started'),
  })
  expect(await readdir(join(disk, 'invocations'))).toEqual([])
  execFileSync('rm', [`${disk}/filler`])

  // Filled by the script itself: its exit code is still known.
  const end = await engine.carryOut(
    makeInstall({ scripts: { install: `dd if=/dev/zero of=${disk}/filler bs=4096 2>/dev/null; echo full; exit 9` } }),
  )
  expect(end.outcome).toMatchObject({ state: 'failed', exitCode: 9 })
  expect((await stat(join(disk, 'filler'))).size).toBeGreaterThan(1_000_000)
  expect(engine.output(end.invocationId).length).toBeLessThanOrEqual(5)
})

test('the exit code of a script that filled the disk is recorded, also while no agent watches', async ({ skip }) => {
  skip(!isRoot, 'only root may mount a small disk to fill')
  const folder = await makeFolder()
  const disk = await makeFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=711', 'tmpfs', disk])
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  for (const code of [0, 9]) {
    const first = await TestEngine.start({ stateDirectory: disk })
    const go = join(folder, `go-${code}`)
    const fill = `dd if=/dev/zero of=${disk}/filler bs=4096 2>/dev/null; dd if=/dev/zero of=${disk}/rest bs=1 2>/dev/null`
    const invocation = makeInstall(
      { scripts: { install: `touch ${go}-up; until [ -e ${go} ]; do sleep 0.01; done; ${fill}; exit ${code}` } },
      { extensionId: `ext-${code}` },
    )
    await first.worker.offer(invocation)
    await expect.poll(() => exists(`${go}-up`), { timeout: 110_000 }).toBe(true)
    const supervisor = await readPid(join(disk, 'invocations', invocation.id, '1', 'claim'))
    await first.worker.close()
    await writeFile(go, '')
    await expect.poll(() => isRunning(supervisor), { timeout: 110_000 }).toBe(false)
    await expect(writeFile(join(disk, 'more'), 'x')).rejects.toThrow('ENOSPC')
    execFileSync('rm', [`${disk}/filler`, `${disk}/rest`, `${disk}/more`])
    const second = await TestEngine.start({ stateDirectory: disk })
    const { outcome } = await second.end(invocation.id)
    expect(outcome).toMatchObject({ state: code === 0 ? 'succeeded' : 'failed', exitCode: code })
    await second.worker.close()
  }
})

test('an uninstall by the server’s record, if the agent’s own was lost', async () => {
  const engine = await TestEngine.start()
  const installed = makeInstallation({
    version: 3,
    scripts: {
      install: 'true',
      uninstall: 'echo "removing $CHANDLER_VERSION with $CHANDLER_PARAM_a and no package: $CHANDLER_PACKAGE"',
    },
    parameters: { a: 7 },
  })
  const end = await engine.carryOut(makeInvocation({ action: 'uninstall', installed }))
  expect(end.outcome).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
  expect(engine.output(end.invocationId).toString()).toBe('removing v3 with 7 and no package: \n')
})
