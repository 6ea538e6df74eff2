// Updates and rollbacks with real scripts, and what service scripts usually do.

import { once } from 'node:events'
import { access, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openHeldOutput } from '../../../src/agent/state/held-output.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import {
  endAfterTest,
  isRunning,
  makeFolder,
  makeInstall,
  makeInstallation,
  makeInvocation,
  platform,
  readPid,
  TestEngine,
} from './agent-engine.ts'
import { ArtifactShelf } from './artifact-shelf.ts'

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * A version whose files in the folder show what is installed, with which parameters, from which
 * package.
 */
function makeVersion(shelf: ArtifactShelf, folder: string, version: number, more = {}) {
  const artifact = shelf.add(Buffer.from(`package ${version}`), `demo-${version}.bin`)
  const say = (what: string) =>
    `echo "${what} $CHANDLER_VERSION $CHANDLER_ACTION from '$CHANDLER_PREVIOUS_VERSION' a=$CHANDLER_PARAM_a"`
  const install = `${say('install')}; cat "$CHANDLER_PACKAGE" > ${folder}/installed`
  const uninstall = `${say('uninstall')}; cat "$CHANDLER_PACKAGE"; echo; rm ${folder}/installed`
  return { version, artifact, scripts: { install, uninstall }, parameters: { a: version * 10 }, ...more }
}

test('an update removes the old version with its own scripts, parameters and package, then installs the new one', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  await engine.carryOut(makeInstall(makeVersion(shelf, folder, 1)))
  // The server is wrong about the installed version; the instance's own record overrides it.
  const installed = makeInstallation({ version: 9, scripts: { uninstall: 'echo never' } })
  const end = await engine.carryOut(makeInstall(makeVersion(shelf, folder, 2), { action: 'update', installed }))
  expect(end.outcome).toMatchObject({
    state: 'succeeded',
    reason: 'Updated v1 to v2.',
    installed: { status: 'installed', version: 2 },
  })
  expect(engine.output(end.invocationId).toString()).toBe(
    "uninstall v1 uninstall from 'v1' a=10\npackage 1\ninstall v2 install from 'v1' a=20\n",
  )
  const [from = 0, to = 0] = end.scriptRange?.stdout ?? []
  expect(engine.output(end.invocationId).subarray(from, to).toString()).toBe("install v2 install from 'v1' a=20\n")
  expect(engine.steps(end.invocationId)).toEqual(['preparing v2', 'uninstalling v1', 'installing v2'])
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 2')
})

test('the new artifact is present and intact before anything is removed', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  await engine.carryOut(makeInstall(makeVersion(shelf, folder, 1)))
  const v2 = makeVersion(shelf, folder, 2)
  shelf.contents.set(v2.artifact.sha256, Buffer.from('package X'))
  const end = await engine.carryOut(makeInstall(v2, { action: 'update' }))
  expect(end.outcome).toMatchObject({ state: 'failed', reasonCode: 'ArtifactMismatch' })
  expect(end.outcome.installed).toBeUndefined()
  const missing = { ...makeVersion(shelf, folder, 2), scripts: { install: '#!/no/such/interpreter\n' } }
  expect((await engine.carryOut(makeInstall(missing, { action: 'update' }))).outcome).toMatchObject({
    reasonCode: 'InterpreterMissing',
  })
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 1')
  expect(engine.entries.filter((entry) => entry.kind === 'output' && entry.invocationId === end.invocationId)).toEqual(
    [],
  )
})

test('if the new version fails, the old one is restored from the kept package, and verified', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const verify = [{ kind: 'file' as const, path: `${folder}/installed`, withinMs: 1_000 }]
  await engine.carryOut(makeInstall(makeVersion(shelf, folder, 1, { verify })))
  const v2 = { ...makeVersion(shelf, folder, 2), verify: [{ kind: 'port' as const, port: 1, withinMs: 60 }] }
  const end = await engine.carryOut(makeInstall(v2, { action: 'update' }))
  expect(end.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'VerifyFailed',
    reason: 'The check port 1 did not hold within 0.06 s: nothing listens there on 127.0.0.1. v1 was put back.',
    installed: { status: 'installed', version: 1 },
  })
  expect(engine.steps(end.invocationId).slice(-2)).toEqual(['putting v1 back', 'verifying v1'])
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 1')
  // The old version is installed: with its parameters, it can be uninstalled.
  const gone = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  expect(gone.outcome).toMatchObject({ state: 'succeeded', installed: { status: 'absent' } })
  expect(engine.output(gone.invocationId).toString()).toContain('uninstall v1 uninstall')
  expect(await readdir(join(engine.directory, 'installed'))).toEqual([])
})

/** Answers every URL request as the server would, and counts them. */
function answerAddresses(engine: TestEngine, refused?: string) {
  const { addresses } = engine.worker
  if (!addresses) throw new Error('a worker that downloads nothing')
  const asked: string[] = []
  addresses.onRequest((request) => {
    asked.push(request.sha256)
    addresses.answer({ ...request, ...(refused === undefined ? { url: request.sha256 } : { refused }) })
  })
  return asked
}

const forgetArtifact = (engine: TestEngine, sha256: string) => rm(join(engine.directory, 'artifacts', sha256))

test('a missing package of the old version is downloaded again before anything is removed, and restored', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const v1 = makeVersion(shelf, folder, 1)
  await engine.carryOut(makeInstall(v1))
  await forgetArtifact(engine, v1.artifact.sha256)
  const asked = answerAddresses(engine)
  const v2 = { ...makeVersion(shelf, folder, 2), scripts: { install: 'exit 7' } }
  const end = await engine.carryOut(makeInstall(v2, { action: 'update' }))
  expect(asked).toEqual([v1.artifact.sha256])
  expect(end.outcome).toMatchObject({ state: 'failed', installed: { status: 'installed', version: 1 } })
  expect(engine.steps(end.invocationId)).toEqual([
    'preparing v2',
    'fetching v1, in case it has to be put back',
    'uninstalling v1',
    'installing v2',
    'putting v1 back',
  ])
  expect(engine.output(end.invocationId).toString()).toContain('package 1\n')
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 1')
})

test('an update is refused before anything is removed if a rollback would be impossible', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const v1 = makeVersion(shelf, folder, 1)
  await engine.carryOut(makeInstall(v1))
  await forgetArtifact(engine, v1.artifact.sha256)
  answerAddresses(engine, 'This is not the artifact of what is wanted or installed.')
  const end = await engine.carryOut(makeInstall(makeVersion(shelf, folder, 2), { action: 'update' }))
  expect(end.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'DownloadFailed',
    reason:
      'v1 was not touched, because it could not be put back should the update fail. To do without, uninstall v1 first. demo-1.bin could not be downloaded: This is not the artifact of what is wanted or installed.',
  })
  expect(end.outcome.installed).toBeUndefined()
  expect(engine.output(end.invocationId).toString()).toBe('')
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 1')
  // As in the reason.
  expect((await engine.carryOut(makeInvocation({ action: 'uninstall' }))).outcome.state).toBe('succeeded')
})

test('a package that is lost during the update is downloaded again for the rollback', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const v1 = makeVersion(shelf, folder, 1)
  await engine.carryOut(makeInstall(v1))
  const asked = answerAddresses(engine)
  const kept = join(engine.directory, 'artifacts', v1.artifact.sha256)
  const v2 = { ...makeVersion(shelf, folder, 2), scripts: { install: `rm ${kept}; exit 7` } }
  const end = await engine.carryOut(makeInstall(v2, { action: 'update' }))
  expect(asked).toEqual([v1.artifact.sha256])
  expect(end.outcome).toMatchObject({ state: 'failed', installed: { status: 'installed', version: 1 } })
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 1')
})

test('a cancel in the second half rolls back; one in the first half before a script changes nothing', async () => {
  const folder = await makeFolder()
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  await engine.carryOut(makeInstall(makeVersion(shelf, folder, 1)))
  const v2 = makeVersion(shelf, folder, 2)
  const invocation = makeInstall({ ...v2, scripts: { install: 'echo up; exec sleep 60' } }, { action: 'update' })
  await engine.worker.offer(invocation)
  await engine.printed(invocation.id, 'stdout', 'up')
  engine.worker.cancel(invocation.id)
  expect((await engine.end(invocation.id)).outcome).toMatchObject({
    state: 'cancelled',
    installed: { status: 'installed', version: 1 },
  })
  expect(await readFile(join(folder, 'installed'), 'utf8')).toBe('package 1')
})

test('if the rollback fails, the outcome says so', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  await engine.carryOut(
    makeInstall({
      version: 1,
      scripts: { install: `test ! -e ${folder}/once && touch ${folder}/once`, uninstall: 'true' },
    }),
  )
  const end = await engine.carryOut(makeInstall({ version: 2, scripts: { install: 'exit 6' } }, { action: 'update' }))
  expect(end.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'RestoreFailed',
    reason:
      'The install script of v2 failed with exit code 6. Then v1 could not be put back: The install script of v1 failed with exit code 1 (installation failed).',
    installed: { status: 'broken', version: 1 },
  })
  // After a broken state, an installation runs immediately.
  const again = await engine.carryOut(makeInstall({ version: 3, scripts: { install: 'true' } }))
  expect(again.outcome).toMatchObject({ state: 'succeeded', reason: 'Installed v3 over what was left of v1.' })
})

test('all scripts of an invocation share one timeout; the rollback has its own', async () => {
  const engine = await TestEngine.start({ killGraceMs: 100 })
  // Each alone has enough time, also on a busy machine; both together never have.
  await engine.carryOut(
    makeInstall({ version: 1, scripts: { install: 'true', uninstall: 'sleep 3' }, run: { timeoutMs: 5_000 } }),
  )
  const end = await engine.carryOut(
    makeInstall({ version: 2, scripts: { install: 'exec sleep 3' }, run: { timeoutMs: 5_000 } }, { action: 'update' }),
  )
  expect(end.outcome).toMatchObject({
    state: 'timedOut',
    reasonCode: 'ScriptTimedOut',
    installed: { status: 'installed', version: 1 },
  })
})

test('installing the installed version runs nothing; other parameters are an update', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const scripts = { install: `echo x >> ${folder}/runs`, uninstall: 'true' }
  await engine.carryOut(makeInstall({ scripts, parameters: { a: 1 } }))
  const same = await engine.carryOut(makeInstall({ scripts, parameters: { a: 1 } }))
  expect(same.outcome).toMatchObject({
    state: 'succeeded',
    reasonCode: 'AlreadyAsWanted',
    installed: { status: 'installed' },
  })
  expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('x\n')
  const other = await engine.carryOut(makeInstall({ scripts, parameters: { a: 2 } }))
  expect(other.outcome.reason).toContain('the new configuration and parameters')
})

test('a version without an uninstall script is removed from the records, and the outcome says so', async () => {
  const engine = await TestEngine.start()
  await engine.carryOut(makeInstall({ scripts: { install: 'true' } }))
  const end = await engine.carryOut(makeInvocation({ action: 'uninstall' }))
  expect(end.outcome).toMatchObject({
    state: 'succeeded',
    installed: { status: 'absent' },
    reason: expect.stringContaining('no uninstall script'),
  })
})

// The usual shape of scripts: functions, a PID file, a health check, exit codes 1 to 4.
const serviceInstall = `#!/bin/bash
fail() { echo "exit code $1, $2"; exit "$1"; }
job_start() {
  nohup sleep 60 > "$CHANDLER_PARAM_folder/service.log" 2>&1 &
  pid=$!
  [ "$pid" -gt 0 ] || fail 4 "user script failed"
  echo "[$(date +'%Y-%m-%d %H:%M:%S')][$pid] job_start"
  mkdir -p "$CHANDLER_PARAM_folder/pid" || fail 3 "cannot record the process id"
  echo "$pid" > "$CHANDLER_PARAM_folder/pid/main_process_id" || fail 3 "cannot record the process id"
}
check_health() { kill -0 "$(cat "$CHANDLER_PARAM_folder/pid/main_process_id")"; }
main() { job_start || fail 1 "install failed"; check_health || fail 2 "health check failed"; }
main
`
const serviceUninstall = `#!/bin/bash
pid=$(cat "$CHANDLER_PARAM_folder/pid/main_process_id")
kill -9 "$pid" || { echo "job stop failed."; exit 1; }
rm "$CHANDLER_PARAM_folder/pid/main_process_id"
echo "[$pid] job_stop"
`

test('a service with a PID file: installed, verified, running after the agent has ended, and stopped by its uninstall', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const details = {
    scripts: { install: serviceInstall, uninstall: serviceUninstall },
    parameters: { folder },
    verify: [{ kind: 'process' as const, pidFile: `${folder}/pid/main_process_id`, name: 'sleep', withinMs: 1_000 }],
  }
  const end = await engine.carryOut(makeInstall(details))
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  expect(engine.output(end.invocationId).toString()).toMatch(/^\[[-0-9: ]+\]\[[0-9]+\] job_start\n$/)
  const pid = await readPid(join(folder, 'pid', 'main_process_id'))
  await engine.worker.close()
  expect(isRunning(pid)).toBe(true)
  const next = await TestEngine.start({ stateDirectory: engine.directory })
  expect((await next.carryOut(makeInvocation({ action: 'uninstall' }))).outcome.state).toBe('succeeded')
  expect(isRunning(pid)).toBe(false)
})

test('checks of port and http find a server of this instance, and report what they found', async () => {
  const server = createServer((socket) =>
    socket.on('error', () => {}).end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  ).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const engine = await TestEngine.start()
  const url = `http://user:secret@127.0.0.1:${port}/health?key=secret`
  const holds = [
    { kind: 'port' as const, port },
    { kind: 'http' as const, url: `http://127.0.0.1:${port}/`, status: 503 },
  ]
  expect((await engine.carryOut(makeInstall({ scripts: { install: 'true' }, verify: holds }))).outcome.state).toBe(
    'succeeded',
  )
  const fails = [{ kind: 'http' as const, url: url.replace('user:secret@', ''), withinMs: 50 }]
  const { outcome } = await engine.carryOut(
    makeInstall({ scripts: { install: 'true' }, verify: fails }, { extensionId: 'ext-b' }),
  )
  expect(outcome.reason).toBe(
    `The check http http://127.0.0.1:${port}/health did not hold within 0.05 s: it answers with status 503.`,
  )
})

test('a daemon that keeps printing after the end fills no disk: its file is truncated, and deleted when the daemon has ended', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const chatty = `(while [ ! -e ${folder}/stop ]; do head -c 300000 /dev/zero; sleep 0.01; done) & echo $! > ${folder}/pid`
  const end = await engine.carryOut(
    makeInstall({ scripts: { install: chatty, uninstall: 'true' }, parameters: { token: 'secret' } }),
  )
  const pid = await readPid(join(folder, 'pid'))
  const held = join(engine.directory, 'held', end.invocationId)
  const output = join(held, '1', 'stdout')
  await vi.waitFor(async () => expect((await stat(output)).size).toBeGreaterThan(3_000_000), { timeout: 110_000 })
  expect(await readdir(held)).toEqual(['1'])
  expect((await readdir(join(held, '1'))).toSorted()).toEqual(['stderr', 'stdout'])
  const heldOutput = await openHeldOutput(join(engine.directory, 'held'), platform, systemClock, silentLogger)
  onTestFinished(() => heldOutput.close())
  const before = (await stat(output)).size
  await heldOutput.sweep()
  expect((await stat(output)).size).toBeLessThan(before)
  await mkdir(join(folder, 'stop'))
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 110_000 })
  await heldOutput.sweep()
  expect(await exists(held)).toBe(false)
  endAfterTest(pid)
})
