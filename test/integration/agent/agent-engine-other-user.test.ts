// What another user of the instance can do while scripts run: nothing.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FetchArtifact } from '../../../src/agent/invocation/worker.ts'
import { makeTarEntry, makeZip } from '../../archive-samples.ts'
import { isRoot, makeInstall, TestEngine } from './agent-engine.ts'
import { ArtifactShelf } from './artifact-shelf.ts'

/** Runs a shell command as an otherwise unused user of the machine. */
const asStranger = (command: string) =>
  spawnSync('setpriv', ['--reuid=65533', '--regid=65533', '--clear-groups', '--', '/bin/sh', '-c', command], {
    encoding: 'utf8',
  })

const tar = Buffer.concat([
  makeTarEntry('./', '5', { mode: 0o777 }),
  makeTarEntry('open/', '5', { mode: 0o3777 }),
  makeTarEntry('open/run', '0', { mode: 0o6777, content: 'x' }),
  Buffer.alloc(1_024),
])
const zip = makeZip([
  { name: 'open/', content: '', mode: 0o043777 },
  { name: 'open/run', content: 'x', mode: 0o106777 },
])

// Only root may give the workspace to another user, and become the other user that inspects it.
test.skipIf(!isRoot).each([
  ['tar', tar, undefined],
  ['zip', zip, undefined],
  ['tar', tar, 'daemon'],
  ['zip', zip, 'daemon'],
] as const)(
  'while a script runs over an unpacked %s, another user can neither list, read nor write (%#)',
  async (kind, content, runAs) => {
    const shelf = new ArtifactShelf()
    const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
    await chmod(engine.directory, 0o711)
    const artifact = shelf.add(content, `demo.${kind}`, kind)
    const invocation = makeInstall({
      artifact,
      run: { unpack: true, ...(runAs === undefined ? {} : { runAs }) },
      scripts: { install: 'echo up; while [ ! -e go ]; do sleep 0.05; done' },
    })
    await engine.worker.offer(invocation)
    await engine.printed(invocation.id, 'stdout', 'up')
    const workspace = join(engine.directory, 'workspaces', invocation.id, 'new')
    const owner = await stat(workspace)
    expect((owner.mode & 0o7777).toString(8)).toBe('700')
    expect(owner.uid).toBe(runAs === undefined ? 0 : Number(execFileSync('id', ['-u', runAs])))
    const script = join(workspace, '.installWanted.script')
    expect((await stat(script)).uid).toBe(owner.uid)
    expect((await stat(join(workspace, 'open/run'))).mode & 0o7777).toBe(0o755)
    const places = [
      engine.directory,
      join(workspace, '..'),
      workspace,
      join(workspace, 'open'),
      join(engine.directory, 'artifacts'),
    ]
    for (const place of places) {
      expect(asStranger(`ls ${place}`).status, place).not.toBe(0)
      expect(asStranger(`touch ${place}/x`).status, place).not.toBe(0)
    }
    for (const file of [script, join(workspace, `demo.${kind}`), join(workspace, 'open/run')]) {
      expect(asStranger(`cat ${file}`).status, file).not.toBe(0)
      expect(asStranger(`echo x >> ${file}`).status, file).not.toBe(0)
      expect(asStranger(`rm -f ${file}`).status === 0 && !(await stat(file).catch(() => undefined)), file).toBe(false)
    }
    await writeFile(join(workspace, 'go'), '')
    expect((await engine.end(invocation.id)).outcome).toMatchObject({ state: 'succeeded' })
  },
)

test('a package beyond 256 MiB is a copy as well: its user never owns the one in the cache', async ({ skip }) => {
  skip(!isRoot, 'only root may run a script as another user')
  const sizeBytes = 257 * 1024 * 1024
  const piece = Buffer.alloc(1024 * 1024)
  const fetchArtifact: FetchArtifact = async () => ({
    start: 0,
    body: (async function* () {
      for (let at = 0; at < sizeBytes; at += piece.length) yield piece
    })(),
  })
  const sha256 = execFileSync('sh', ['-c', `head -c ${sizeBytes} /dev/zero | sha256sum | cut -c1-64`])
    .toString()
    .trim()
  const engine = await TestEngine.start({ fetchArtifact })
  await chmod(engine.directory, 0o711)
  const artifact = { sha256, sizeBytes, fileName: 'large.bin', kind: 'file' as const }
  const end = await engine.carryOut(
    makeInstall({
      artifact,
      run: { runAs: 'daemon' },
      scripts: { install: 'printf EVIL | dd of="$CHANDLER_PACKAGE" conv=notrunc 2>&1', uninstall: 'true' },
    }),
  )
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  const cached = join(engine.directory, 'artifacts', sha256)
  expect(await stat(cached)).toMatchObject({ uid: 0, nlink: 1 })
  expect(execFileSync('head', ['-c', '4', cached])).toEqual(Buffer.alloc(4))
  await truncate(cached, 0)
})

test('a user that replaces directories by links during the removal of its workspace affects no other files', async ({
  skip,
}) => {
  skip(!isRoot, 'only root removes what belongs to another user')
  const engine = await TestEngine.start()
  await chmod(engine.directory, 0o711)
  const outside = join(engine.directory, 'outside')
  execFileSync('sh', ['-c', `mkdir -m 755 ${outside} && for i in $(seq 200); do echo keep > ${outside}/f$i; done`])
  // A background process of a script swaps directories for links, as fast as it can.
  const swap = `mkdir a; for i in $(seq 200); do echo x > a/f$i; done
setsid sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); mv a b 2>/dev/null && ln -sfn ${outside} a && rm a && mv b a; done; echo done' >/dev/null 2>&1 &
echo up`
  for (let round = 0; round < 3; round++) {
    const { outcome } = await engine.carryOut(
      makeInstall({ scripts: { install: swap }, run: { runAs: 'daemon' }, parameters: { round } }),
    )
    expect(outcome).toMatchObject({ state: 'succeeded' })
  }
  expect(
    execFileSync('sh', ['-c', `cat ${outside}/* | wc -l`])
      .toString()
      .trim(),
  ).toBe('200')
})

test('the file of the next script is always new, even if a process of its user created one in its place', async ({
  skip,
}) => {
  skip(!isRoot, 'only root writes where another user may')
  const engine = await TestEngine.start()
  await chmod(engine.directory, 0o711)
  const victim = join(engine.directory, 'victim')
  await writeFile(victim, 'whole', { mode: 0o600 })
  const { outcome } = await engine.carryOut(
    makeInstall({
      run: { runAs: 'daemon' },
      scripts: { install: `ln -s ${victim} .outputWanted.script`, output: 'dirname "$0"; pwd' },
    }),
  )
  expect(outcome).toMatchObject({ state: 'succeeded' })
  const [beside, workspace] = outcome.output?.split('\n') ?? []
  expect(beside).toBe(workspace)
  expect(await readFile(victim, 'utf8')).toBe('whole')
  expect((await stat(victim)).uid).toBe(0)
})

test.each(isRoot ? [undefined, 'daemon'] : [undefined])(
  'a script that removes its own workspace leaves the next one a place (runAs %s)',
  async (runAs) => {
    const engine = await TestEngine.start()
    await chmod(engine.directory, 0o711)
    const { outcome } = await engine.carryOut(
      makeInstall({
        ...(runAs === undefined ? {} : { run: { runAs } }),
        scripts: {
          install:
            'cd /; rm -rf "$CHANDLER_WORKSPACE"; [ ! -e "$CHANDLER_WORKSPACE" ] || rm -rf "$CHANDLER_WORKSPACE"/* "$CHANDLER_WORKSPACE"/.[!.]*',
          output: 'touch here && echo fine',
        },
        verify: [{ kind: 'script', script: 'pwd && touch there', withinMs: 5_000 }],
      }),
    )
    expect(outcome).toMatchObject({ state: 'succeeded', output: 'fine\n' })
  },
)
