// Design §5, row by row, with real scripts and processes.
import { randomBytes } from 'node:crypto'
import { access, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import {
  isRoot,
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

test('stdin is empty; the script has a session and a process group of its own', async () => {
  const engine = await TestEngine.start()
  const end = await engine.carryOut(
    makeInstall({ scripts: { install: '#!/bin/sh\nwc -c\nread -r stat < /proc/$$/stat\nset -- $stat\necho "$5 $6"' } }),
  )
  expect(end.outcome).toMatchObject({
    state: 'succeeded',
    reason: 'Installed v1.',
    installed: { status: 'installed', version: 1 },
  })
  const [input, ids] = engine.output(end.invocationId).toString().split('\n')
  const [group, session] = ids?.split(' ') ?? []
  expect(input).toBe('0')
  expect(group).toBe(session)
  const own = (await readFile('/proc/self/stat', 'utf8')).split(' ')
  expect(session).not.toBe(own[5])
})

test('the script runs as the requested user, with its groups, its home and its own workspace', async ({ skip }) => {
  skip(!isRoot, 'only root may run a script as another user')
  const engine = await TestEngine.start()
  await chmod(engine.directory, 0o711)
  const script = 'id -un; id -Gn; echo "$HOME $USER $LOGNAME"; touch here && pwd; grep CapEff /proc/self/status'
  const end = await engine.carryOut(makeInstall({ scripts: { install: script }, run: { runAs: 'daemon' } }))
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  const lines = engine.output(end.invocationId).toString().split('\n')
  expect(lines.slice(0, 3)).toEqual(['daemon', 'daemon', '/usr/sbin daemon daemon'])
  expect(lines[3]).toContain(end.invocationId)
  expect(lines[4]).toMatch(/CapEff:\s+0+$/)
})

test('a user that does not exist, or cannot enter its workspace, is reported', async ({ skip }) => {
  skip(!isRoot, 'only root may run a script as another user')
  const engine = await TestEngine.start()
  const nobody = await engine.carryOut(makeInstall({ scripts: { install: 'true' }, run: { runAs: 'nobody-here' } }))
  expect(nobody.outcome).toMatchObject({ reasonCode: 'NotPermitted', reason: expect.stringContaining('no such user') })
  await chmod(engine.directory, 0o700)
  const outside = await engine.carryOut(makeInstall({ scripts: { install: 'true' }, run: { runAs: 'daemon' } }))
  expect(outside.outcome).toMatchObject({
    reasonCode: 'NotPermitted',
    reason: expect.stringContaining(`may not enter ${engine.directory}`),
  })
})

test('the workspace contains the artifact and is the working directory; it is removed after success and after failure', async () => {
  const shelf = new ArtifactShelf()
  const engine = await TestEngine.start({ fetchArtifact: shelf.fetch })
  const artifact = shelf.add(Buffer.from('package'), 'demo-1.0.bin')
  const script = 'pwd; cat demo-1.0.bin; echo; echo "$CHANDLER_PACKAGE"; echo "$CHANDLER_WORKSPACE"; exit '
  for (const code of [0, 4]) {
    const end = await engine.carryOut(
      makeInstall(
        { artifact, scripts: { install: script + code }, parameters: { code } },
        { extensionId: `ext-${code}` },
      ),
    )
    const [directory = '', content, path, workspace] = engine.output(end.invocationId).toString().split('\n')
    expect({ content, path, workspace }).toEqual({
      content: 'package',
      path: join(directory, 'demo-1.0.bin'),
      workspace: directory,
    })
    expect(directory.startsWith(engine.directory)).toBe(true)
    expect(await readdir(join(engine.directory, 'workspaces'))).toEqual([])
  }
})

test('a workspace that is kept on failure is kept only on failure; workDir replaces it as working directory', async () => {
  const engine = await TestEngine.start()
  const workDir = await makeFolder()
  const keep = { keepWorkspace: 'onFailure', workDir } as const
  const failed = await engine.carryOut(
    makeInstall({ scripts: { install: 'pwd; touch "$CHANDLER_WORKSPACE/left"; exit 1' }, run: keep }),
  )
  expect(engine.output(failed.invocationId).toString()).toBe(`${workDir}\n`)
  expect(await readdir(join(engine.directory, 'workspaces', failed.invocationId, 'new'))).toEqual(['left'])
  const succeeded = await engine.carryOut(makeInstall({ scripts: { install: 'true' }, run: keep }))
  expect(await exists(join(engine.directory, 'workspaces', succeeded.invocationId))).toBe(false)
  const gone = await engine.carryOut(
    makeInstall({ scripts: { install: 'echo never' }, run: { workDir: '/nowhere/at/all' }, version: 2 }),
  )
  expect(gone.outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining('/nowhere/at/all') })
})

test('the environment has exactly the variables of the contract', async () => {
  const engine = await TestEngine.start()
  const parameters = { port: 8080, tls: true, token: `it's "$(touch /tmp/never)" \n; done` }
  const invocation = makeInstall({ scripts: { install: '#!/usr/bin/env -S cat /proc/self/environ' }, parameters })
  const end = await engine.carryOut({
    ...invocation,
    wanted: {
      ...invocation.wanted!,
      configuration: {
        ...invocation.wanted!.configuration,
        scripts: { install: 'tr "\\n\\0" "\\t\\n" < /proc/$$/environ' },
      },
    },
  })
  const environment = Object.fromEntries(
    engine
      .output(end.invocationId)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const { PATH, HOME, LANG, PWD, CHANDLER_WORKSPACE, USER, LOGNAME, ...rest } = environment
  expect(PATH && HOME && LANG && PWD).toBeTruthy()
  expect([USER, LOGNAME]).toEqual([userInfo().username, userInfo().username])
  expect(CHANDLER_WORKSPACE).toContain(end.invocationId)
  // A shell adds these itself.
  for (const name of ['_', 'SHLVL', 'OLDPWD']) delete rest[name]
  expect(rest).toEqual({
    CHANDLER_PACKAGE: '',
    CHANDLER_ACTION: 'install',
    CHANDLER_EXTENSION: 'demo',
    CHANDLER_VERSION: 'v1',
    CHANDLER_PREVIOUS_VERSION: '',
    CHANDLER_EXECUTION_ID: 'exec-test',
    CHANDLER_INSTANCE_ID: 'i-0000000000000000',
    CHANDLER_REBOOT: join(CHANDLER_WORKSPACE ?? '', '.reboot-installWanted'),
    CHANDLER_PARAM_port: '8080',
    CHANDLER_PARAM_tls: 'true',
    CHANDLER_PARAM_token: parameters.token.replaceAll('\n', '\t'),
  })
})

test('a value with a NUL byte, and an invalid variable name, are refused before anything runs', async () => {
  const engine = await TestEngine.start()
  const nul = await engine.carryOut(makeInstall({ scripts: { install: 'echo never' }, parameters: { token: 'a\0b' } }))
  expect(nul.outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining('token') })
  const dot = await engine.carryOut(makeInstall({ scripts: { install: 'echo never' }, parameters: { 'a.b': 1 } }))
  expect(dot.outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining('"a.b"') })
  expect(engine.entries.filter(({ kind }) => kind === 'output')).toEqual([])
})

test('it ends when its own process exits; a daemon that holds its output survives, also after the agent has ended', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const daemon = `(trap 'echo piped > ${folder}/pipe' PIPE; while :; do echo tick; echo "" > ${folder}/alive; sleep 0.05; done) & echo $! > ${folder}/pid; echo started`
  const end = await engine.carryOut(makeInstall({ scripts: { install: daemon } }))
  expect(end.outcome.state).toBe('succeeded')
  const pid = await readPid(join(folder, 'pid'))
  await vi.waitFor(() => expect(engine.worker.open()).toEqual([]), { timeout: 110_000 })
  await engine.worker.close()
  const before = (await stat(join(folder, 'alive'))).mtimeMs
  await vi.waitFor(async () => expect((await stat(join(folder, 'alive'))).mtimeMs).toBeGreaterThan(before), {
    timeout: 110_000,
  })
  expect(isRunning(pid)).toBe(true)
  expect(await exists(join(folder, 'pipe'))).toBe(false)
})

test.each([
  ['exit 1', 1, 'The install script of v1 failed with exit code 1 (installation failed).'],
  ['exit 2', 2, 'The install script of v1 failed with exit code 2 (health check failed).'],
  ['exit 3', 3, 'The install script of v1 failed with exit code 3 (failed to record process ID).'],
  ['exit 4', 4, 'The install script of v1 failed with exit code 4 (user script failed).'],
  ['echo "no such disk" >&2; exit 42', 42, 'The install script of v1 failed with exit code 42. It said: no such disk.'],
  ['exit 137', 137, 'The install script of v1 failed with exit code 137 (as after signal KILL).'],
  ['kill -KILL $$', undefined, 'The install script of v1 was ended by signal KILL.'],
  ['kill -SEGV $$', undefined, 'The install script of v1 was ended by signal SEGV.'],
])('result of `%s`', async (script, exitCode, reason) => {
  const engine = await TestEngine.start()
  const { outcome } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    reason,
    installed: { status: 'broken', version: 1 },
  })
  expect(outcome.exitCode).toBe(exitCode)
})

// Messages of the shell itself are not a failed health check of the script.
test.each([
  ['#!/bin/sh\nset -u\necho "$no_such"'],
  ['#!/bin/sh\nif then'],
  ['#!/bin/sh\nset -e\ncd /no/such/place'],
  ['#!/bin/sh\n. ./missing.sh'],
  ['#!/bin/bash\nif then'],
  [`#!/bin/sh\nsh -c 'set -u; echo "$no_such"'`],
  [`#!/bin/sh\nset -e\nbash -c 'if then'`],
  [`#!/bin/sh\nprintf '#!/bin/sh\nset -u\necho "$no_such"' > part.sh; chmod +x part.sh; ./part.sh`],
])('an exit code of the shell itself is not reported as a failed health check: %j', async (script) => {
  const engine = await TestEngine.start()
  const { outcome } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(outcome.state).toBe('failed')
  expect(outcome.reason).toMatch(/^The install script of v1 failed with exit code [12]\. It said: /)
})

test.each([
  ['#!/usr/bin/no-such-thing\necho', '/usr/bin/no-such-thing'],
  ['#!/usr/bin/env no-such-python\nprint()', 'no-such-python'],
  ['#!/bin/sh\r\necho\r\n', 'Windows line ends'],
])('a script without an interpreter is reported and does not start: %j', async (script, named) => {
  const engine = await TestEngine.start()
  const { outcome } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'InterpreterMissing',
    reason: expect.stringContaining(named),
  })
  expect(outcome.installed).toBeUndefined()
})

test('the first line chooses the interpreter, with its argument; without one it is sh', async () => {
  const engine = await TestEngine.start()
  const bash = await engine.carryOut(
    makeInstall({
      scripts: { install: '#!/bin/bash -e\nshopt -oq errexit && echo "bash $0" | grep -o bash\nfalse\necho never' },
    }),
  )
  expect(bash.outcome.exitCode).toBe(1)
  expect(engine.output(bash.invocationId).toString()).toBe('bash\n')
  const plain = await engine.carryOut(
    makeInstall({ scripts: { install: 'tr "\\0" " " < /proc/$$/cmdline' }, version: 2 }),
  )
  expect(engine.output(plain.invocationId).toString()).toMatch(/^\/bin\/sh .*installWanted\.script $/)
})

/**
 * A tree of four processes that ignore TERM: the script, a child, a grandchild in its own session,
 * and an orphan.
 */
const treeThatIgnoresTerm = (folder: string) => `trap '' TERM
echo $$ > ${folder}/script
sh -c 'trap "" TERM; echo $$ > ${folder}/child; setsid sh -c "echo \\$\\$ > ${folder}/grandchild; exec sleep 60" & sleep 60' &
(sh -c 'trap "" TERM; echo $$ > ${folder}/orphan; sleep 60' &)
echo up
while :; do sleep 1; done`

const readTree = (folder: string) =>
  Promise.all(['script', 'child', 'grandchild', 'orphan'].map((name) => readPid(join(folder, name))))

test('timeout: TERM to the whole tree, KILL to the rest after the grace period; timed out, with the output so far', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start({ killGraceMs: 400 })
  const invocation = makeInstall({ scripts: { install: treeThatIgnoresTerm(folder) }, run: { timeoutMs: 1_000 } })
  await engine.worker.offer(invocation)
  const tree = await readTree(folder)
  const end = await engine.end(invocation.id)
  expect(end.outcome).toMatchObject({
    state: 'timedOut',
    reasonCode: 'ScriptTimedOut',
    installed: { status: 'broken' },
  })
  expect(end.outcome.reason).toContain('1 s')
  expect(end.outcome.exitCode).toBeUndefined()
  expect(engine.output(invocation.id).toString()).toBe('up\n')
  expect(tree.filter(isRunning)).toEqual([])
})

test('a script that handles TERM may clean up, and its supervisor is not ended with it', async () => {
  const engine = await TestEngine.start()
  const invocation = makeInstall({
    scripts: { install: 'trap "echo cleaned; exit 0" TERM; echo up; while :; do sleep 0.05; done' },
  })
  await engine.worker.offer(invocation)
  await engine.printed(invocation.id, 'stdout', 'up')
  engine.worker.cancel(invocation.id)
  const end = await engine.end(invocation.id)
  expect(end.outcome).toMatchObject({
    state: 'cancelled',
    reasonCode: 'CancelledByUser',
    installed: { status: 'broken' },
  })
  expect(engine.output(invocation.id).toString()).toBe('up\ncleaned\n')
})

test('cancel ends the whole tree; a cancel before any start changes nothing', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start({ killGraceMs: 200 })
  const first = makeInstall({ scripts: { install: treeThatIgnoresTerm(folder) } })
  const second = makeInstall({ scripts: { install: 'echo never' } })
  await engine.worker.offer(first)
  await engine.worker.offer(second)
  const tree = await readTree(folder)
  engine.worker.cancel(second.id)
  expect((await engine.end(second.id)).outcome).toEqual({
    state: 'cancelled',
    reasonCode: 'CancelledByUser',
    reason: 'Cancelled before anything was done.',
    reasonMessages: [{ code: 'CancelledBeforeAnything', arguments: {} }],
  })
  expect(tree.every(isRunning)).toBe(true)
  engine.worker.cancel(first.id)
  expect((await engine.end(first.id)).outcome.state).toBe('cancelled')
  expect(tree.filter(isRunning)).toEqual([])
})

test('output: both streams separately, every byte, in order, with timestamps that never decrease', async () => {
  const folder = await makeFolder()
  const bytes = randomBytes(200_000)
  await writeFile(join(folder, 'bytes'), bytes)
  let now = 2_000_000_000_000
  const backwards = { ...(await import('../../../src/lib/clock.ts')).systemClock, now: () => (now -= 7) }
  const engine = await TestEngine.start({ clock: backwards })
  const end = await engine.carryOut(
    makeInstall({ scripts: { install: `cat ${folder}/bytes; printf 'a\\377b' >&2; printf '\\0\\n'` } }),
  )
  expect(engine.output(end.invocationId, 'stdout').equals(Buffer.concat([bytes, Buffer.from([0, 10])]))).toBe(true)
  expect(engine.output(end.invocationId, 'stderr')).toEqual(Buffer.from([97, 255, 98]))
  expect(end).toMatchObject({ stdoutBytes: 200_002, stderrBytes: 3, cutBytes: 0 })
  const instants = engine.entries.map(({ at }) => at)
  expect(instants).toEqual(instants.toSorted((a, b) => a - b))
})

test('output is live: it is reported while the script runs', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const invocation = makeInstall({
    scripts: { install: `echo one; while [ ! -e ${folder}/go ]; do sleep 0.01; done; echo two` },
  })
  await engine.worker.offer(invocation)
  await engine.printed(invocation.id, 'stdout', 'one\n')
  expect(engine.entries.some(({ kind }) => kind === 'end')).toBe(false)
  await writeFile(join(folder, 'go'), '')
  await engine.end(invocation.id)
  expect(engine.output(invocation.id).toString()).toBe('one\ntwo\n')
})

test('beyond the limit the first and the last half are kept, and the cut bytes are counted', async () => {
  const engine = await TestEngine.start({ maxOutputBytes: 40_000 })
  const end = await engine.carryOut(
    makeInstall({
      scripts: { install: 'i=10000; while [ $i -lt 30000 ]; do echo $i; i=$((i+1)); done; echo short >&2' },
    }),
  )
  expect(end).toMatchObject({ stdoutBytes: 120_000, stderrBytes: 6 })
  expect(end.cutBytes).toBeGreaterThanOrEqual(120_006 - 40_000)
  expect(end.cutBytes).toBeLessThan(120_006 - 39_980)
  const output = engine.output(end.invocationId).toString('latin1')
  expect(output.startsWith('10000\n10001\n')).toBe(true)
  expect(output.endsWith('29998\n29999\n')).toBe(true)
  expect(output.length).toBe(120_000)
  expect(engine.output(end.invocationId, 'stderr').toString()).toContain('short')
})

test('verify checks must pass within their timeout; stdout of the output script is the output of the task', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const verify = [
    { kind: 'file' as const, path: `${folder}/up`, withinMs: 5_000 },
    { kind: 'script' as const, script: `test -s ${folder}/up`, withinMs: 5_000 },
  ]
  const install = `(sleep 0.2; echo x > ${folder}/up) > /dev/null 2>&1 &`
  const end = await engine.carryOut(
    makeInstall({ scripts: { install, output: 'echo "answer $CHANDLER_VERSION"; echo aside >&2' }, verify }),
  )
  expect(end.outcome).toMatchObject({ state: 'succeeded', output: 'answer v1\n' })
  expect(engine.steps(end.invocationId)).toEqual(['installing v1', 'verifying v1', 'asking v1 for its output'])
  const failing = [{ kind: 'file' as const, path: `${folder}/never`, withinMs: 50 }]
  const unverified = await engine.carryOut(
    makeInstall({ scripts: { install: 'true' }, verify: failing }, { extensionId: 'ext-other' }),
  )
  expect(unverified.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'VerifyFailed',
    reason: `The check file ${folder}/never did not hold within 0.05 s: there is no such file.`,
    installed: { status: 'broken' },
  })
})

test('a failed check script is quoted; one that hangs is ended', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start({ killGraceMs: 100 })
  const quoted = await engine.carryOut(
    makeInstall({
      scripts: { install: 'true' },
      verify: [{ kind: 'script', script: 'echo "not ready" >&2; exit 7', withinMs: 100 }],
    }),
  )
  expect(quoted.outcome.reason).toBe('The check script did not hold within 0.1 s: exit code 7, "not ready".')
  const hanging = makeInstall({
    scripts: { install: 'true' },
    verify: [{ kind: 'script', script: `echo $$ > ${folder}/pid; exec sleep 60`, withinMs: 100 }],
  })
  await engine.worker.offer(hanging)
  const pid = await readPid(join(folder, 'pid'))
  expect((await engine.end(hanging.id)).outcome.reason).toContain('it did not end')
  expect(isRunning(pid)).toBe(false)
})

test('only root can read the state directory: parameters and scripts are private', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start({ acknowledges: false })
  const invocation = makeInstall({
    scripts: { install: `while [ ! -e ${folder}/go ]; do sleep 0.02; done`, uninstall: 'true' },
    parameters: { token: 'secret' },
  })
  await engine.worker.offer(invocation)
  await vi.waitFor(() => expect(engine.steps(invocation.id)).toEqual(['installing v1']), { timeout: 110_000 })
  const modes = new Map<string, number>()
  const secretive: string[] = []
  const walk = async (path: string, closed: boolean): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const at = join(path, entry.name)
      const mode = (await stat(at)).mode & 0o777
      modes.set(at, mode)
      if (entry.isDirectory()) await walk(at, closed || (mode & 0o077) === 0)
      else if (!closed && (mode & 0o077) !== 0) secretive.push(at)
    }
  }
  await walk(engine.directory, false)
  expect(modes.size).toBeGreaterThan(8)
  expect(secretive).toEqual([])
  expect(modes.get(join(engine.directory, 'invocations'))).toBe(0o700)
  await writeFile(join(folder, 'go'), '')
  await engine.end(invocation.id)
  expect(await readFile(join(engine.directory, 'installed', 'ext-test.json'), 'utf8')).toContain('secret')
  expect((await stat(join(engine.directory, 'installed', 'ext-test.json'))).mode & 0o777).toBe(0o600)
})

test('one at a time per extension, others concurrently', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start()
  const wait = `while [ ! -e ${folder}/go ]; do sleep 0.01; done`
  const first = makeInstall({ scripts: { install: wait } })
  const second = makeInstall({ scripts: { install: `test -e ${folder}/go` }, version: 2 })
  const other = makeInstall({ scripts: { install: 'true' } }, { extensionId: 'ext-other' })
  for (const invocation of [first, second, other]) await engine.worker.offer(invocation)
  expect((await engine.end(other.id)).outcome.state).toBe('succeeded')
  expect(engine.steps(second.id)).toEqual([])
  await mkdir(join(folder, 'go'))
  expect((await engine.end(second.id)).outcome).toMatchObject({ state: 'succeeded' })
  const ends = engine.entries.filter(({ kind }) => kind === 'end').map(({ invocationId }) => invocationId)
  expect(ends).toEqual([other.id, first.id, second.id])
})

test('an extension id that is not a file name is refused', async () => {
  const engine = await TestEngine.start()
  const end = await engine.carryOut(
    makeInvocation({ extensionId: '../../etc/passwd', wanted: makeInstallation({ scripts: { install: 'true' } }) }),
  )
  expect(end.outcome).toMatchObject({ state: 'failed', reasonCode: 'AgentError' })
  expect(await readdir(join(engine.directory, 'invocations'))).toEqual([])
})

test('processes are found by their common names', () => {
  expect(platform.findProcesses('node')).toContain(process.pid)
  expect(platform.findProcesses('no-such-process')).toEqual([])
})
