// The agent is killed with SIGKILL at any point; the next one on the same state directory finishes
// or reports truthfully what happened.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { access, appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { InvocationMessage, ReportEntry } from '../../../src/protocol/agent-messages.ts'
import {
  type End,
  isRunning,
  makeFolder,
  makeInstall,
  makeInstallation,
  makeInvocation,
  platform,
  readOutput,
  readPid,
  TestEngine,
} from './agent-engine.ts'
import type { FromChild, ToChild } from './agent-engine-child.ts'

/** A worker in its own process. */
class ChildEngine {
  readonly entries: ReportEntry[] = []
  forgotten = 0
  open: string[] | undefined
  readonly exited: Promise<unknown>
  readonly #child: ChildProcess

  constructor(directory: string, { killAt = 'never', count = 1, acknowledges = true } = {}) {
    const program = join(import.meta.dirname, 'agent-engine-child.ts')
    const args = [directory, killAt, String(count), acknowledges ? 'always' : 'never']
    this.#child = fork(program, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.exited = once(this.#child, 'exit')
    this.#child.on('message', (message: FromChild) => {
      if (message.kind === 'entries') this.entries.push(...message.entries)
      else if (message.kind === 'forgotten') this.forgotten++
      else this.open = message.open
    })
    onTestFinished(() => this.kill())
  }

  #tell(message: ToChild): void {
    this.#child.send(message, () => {
      // It may have killed itself in the meantime.
    })
  }

  async ready(): Promise<this> {
    const isReady = () => this.open ?? Promise.reject(new Error('the worker is not ready'))
    await vi.waitFor(isReady, { timeout: 110_000, interval: 5 })
    return this
  }

  offer(invocation: InvocationMessage, artifacts: readonly string[] = []): void {
    this.#tell({ kind: 'offer', invocation, artifacts })
  }

  cancel(id: string): void {
    this.#tell({ kind: 'cancel', id })
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  end(id: string): Promise<End> {
    return vi.waitFor(
      () => {
        const end = this.entries.find((entry): entry is End => entry.kind === 'end' && entry.invocationId === id)
        if (!end) throw new Error(`${id} has not ended`)
        return end
      },
      { timeout: 110_000, interval: 5 },
    )
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

const waitFor = (path: string) => `while [ ! -e ${path} ]; do sleep 0.01; done`

test('killed in script: it continues, and the next agent reports its real exit code and its complete output', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state).ready()
  const invocation = makeInstall({
    scripts: {
      install: `echo one; ${waitFor(`${folder}/go`)}; echo two; head -c 100000 /dev/zero; echo three >&2; touch ${folder}/last; exit 3`,
    },
  })
  first.offer(invocation)
  await vi.waitFor(() => expect(readOutput(first.entries, 'stdout').toString()).toBe('one\n'), {
    timeout: 110_000,
    interval: 5,
  })
  await first.kill()
  const second = await new ChildEngine(state).ready()
  expect(second.open).toEqual([invocation.id])
  await writeFile(join(folder, 'go'), '')
  const end = await second.end(invocation.id)
  expect(end).toMatchObject({
    outcome: { state: 'failed', reasonCode: 'ScriptFailed', exitCode: 3 },
    stdoutBytes: 100_008,
    stderrBytes: 6,
  })
  expect(readOutput([...first.entries, ...second.entries], 'stdout').toString()).toBe(
    `one\ntwo\n${'\0'.repeat(100_000)}`,
  )
})

test('killed in script that ends while no agent runs', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state, { acknowledges: false }).ready()
  const invocation = makeInstall({
    scripts: { install: `echo $$ > ${folder}/pid; echo one; ${waitFor(`${folder}/go`)}; echo two` },
  })
  first.offer(invocation)
  const pid = await readPid(join(folder, 'pid'))
  await first.kill()
  await writeFile(join(folder, 'go'), '')
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 110_000 })
  const second = await TestEngine.start({ stateDirectory: state })
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    installed: { status: 'installed', version: 1 },
  })
  expect(second.output(invocation.id).toString()).toBe('one\ntwo\n')
})

test('killed with its supervisor: Interrupted, and not run again', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state).ready()
  const invocation = makeInstall({
    scripts: {
      install: `echo run >> ${folder}/runs; echo $PPID > ${folder}/supervisor; echo $$ > ${folder}/pid; exec sleep 60`,
    },
  })
  first.offer(invocation)
  const supervisor = await readPid(join(folder, 'supervisor'))
  const pid = await readPid(join(folder, 'pid'))
  await first.kill()
  process.kill(supervisor, 'SIGKILL')
  process.kill(pid, 'SIGKILL')
  const second = await TestEngine.start({ stateDirectory: state })
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'Interrupted',
    installed: { status: 'broken' },
  })
  expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('run\n')
})

test('killed supervisor only: the script that continues unwatched is ended before the next step', async () => {
  const folder = await makeFolder()
  const engine = await TestEngine.start({ killGraceMs: 200 })
  await engine.carryOut(
    makeInstall({ scripts: { install: `test ! -e /proc/$(cat ${folder}/pid)/cwd/`, uninstall: 'true' } }),
  )
  const install = `trap '' TERM; echo $PPID > ${folder}/supervisor; echo $$ > ${folder}/pid; while :; do sleep 0.05; done`
  const invocation = makeInstall({ version: 2, scripts: { install } }, { action: 'update' })
  await engine.worker.offer(invocation)
  const pid = await readPid(join(folder, 'pid'))
  process.kill(await readPid(join(folder, 'supervisor')), 'SIGKILL')
  expect((await engine.end(invocation.id)).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'Interrupted',
    installed: { status: 'installed', version: 1 },
  })
  expect(isRunning(pid)).toBe(false)
})

test('the machine rebooted: Interrupted, even if the claim was lost in the power failure', async () => {
  const state = await makeFolder()
  const first = await new ChildEngine(state, { killAt: 'begun installWanted' }).ready()
  const invocation = makeInstall({ scripts: { install: 'echo never' } })
  first.offer(invocation)
  await first.exited
  const path = join(state, 'invocations', invocation.id, 'journal.jsonl')
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const last = JSON.parse(lines.pop() ?? '') as { steps: { bootId: string }[] }
  for (const step of last.steps) step.bootId = 'another start'
  await writeFile(path, `${[...lines, JSON.stringify(last)].join('\n')}\n`)
  const second = await TestEngine.start({ stateDirectory: state })
  expect((await second.end(invocation.id)).outcome).toMatchObject({ state: 'failed', reasonCode: 'Interrupted' })
  expect(second.output(invocation.id).toString()).toBe('')
})

test.each(['running', 'ended'])(
  'the claim of a script that was %s is lost without a restart of the machine: it is not run again',
  async (how) => {
    const folder = await makeFolder()
    const state = join(folder, 'state')
    await mkdir(state)
    const ledger = join(folder, 'ledger')
    const first = await new ChildEngine(state).ready()
    const invocation = makeInstall({
      scripts: {
        install: `echo begun >> ${ledger}; echo $$ > ${folder}/pid; while [ ! -e ${folder}/go ]; do sleep 0.05; done; exit 7`,
      },
    })
    first.offer(invocation)
    const pid = await readPid(join(folder, 'pid'))
    await first.kill()
    const directory = join(state, 'invocations', invocation.id, '1')
    if (how === 'ended') {
      await writeFile(join(folder, 'go'), '')
      await vi.waitFor(async () => expect(await readFile(join(directory, 'exit'), 'utf8')).toBe('007\n'), {
        timeout: 110_000,
      })
      await rm(join(directory, 'exit'))
    }
    await rm(join(directory, 'claim'))
    const second = await TestEngine.start({ stateDirectory: state })
    if (how === 'running') {
      expect(isRunning(pid)).toBe(true)
      await writeFile(join(folder, 'go'), '')
    }
    const { outcome } = await second.end(invocation.id)
    expect(outcome).toMatchObject(
      how === 'running' ? { reasonCode: 'ScriptFailed', exitCode: 7 } : { reasonCode: 'Interrupted' },
    )
    expect(await readFile(ledger, 'utf8')).toBe('begun\n')
  },
)

test('another mount of the state directory counts as a reboot: a script that may have started does not start again', async () => {
  const state = await makeFolder()
  const first = await new ChildEngine(state, { killAt: 'begun installWanted' }).ready()
  const invocation = makeInstall({ scripts: { install: 'echo never' } })
  first.offer(invocation)
  await first.exited
  const second = await TestEngine.start({
    stateDirectory: state,
    platform: { ...platform, findMount: () => 'another' },
  })
  const { outcome } = await second.end(invocation.id)
  expect(outcome).toMatchObject({ reasonCode: 'Interrupted' })
})

test('killed while cancelling: the next agent ends the tree', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state, { killAt: 'stopping installWanted' }).ready()
  const invocation = makeInstall({
    scripts: { install: `trap '' TERM; echo $$ > ${folder}/pid; while :; do sleep 0.1; done` },
  })
  first.offer(invocation)
  const pid = await readPid(join(folder, 'pid'))
  first.cancel(invocation.id)
  await first.exited
  expect(isRunning(pid)).toBe(true)
  const second = await TestEngine.start({ stateDirectory: state, killGraceMs: 100 })
  expect((await second.end(invocation.id)).outcome).toMatchObject({ state: 'cancelled' })
  expect(isRunning(pid)).toBe(false)
})

test('the timeout of a script keeps running while no agent does', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state).ready()
  const invocation = makeInstall({
    scripts: { install: `echo $$ > ${folder}/pid; exec sleep 60` },
    run: { timeoutMs: 2_000 },
  })
  const startedAt = performance.now()
  first.offer(invocation)
  const pid = await readPid(join(folder, 'pid'))
  await first.kill()
  await vi.waitFor(() => expect(performance.now() - startedAt).toBeGreaterThan(1_500), { timeout: 110_000 })
  const second = await TestEngine.start({ stateDirectory: state, killGraceMs: 100 })
  expect((await second.end(invocation.id)).outcome.state).toBe('timedOut')
  expect(isRunning(pid)).toBe(false)
})

// ── Every state of the journal ──

const shared = (folder: string, name: string, code = 0) => `echo ${name} >> ${folder}/ran; exit ${code}`

/**
 * v1 is installed; the update to v2 fails in its install script, so the agent rolls back to v1: the
 * longest path there is.
 */
const makeUpdate = (folder: string): { before: InvocationMessage; update: InvocationMessage } => {
  const verify = [{ kind: 'file' as const, path: `${folder}/ran`, withinMs: 1_000 }]
  const v1 = {
    version: 1,
    scripts: { install: shared(folder, 'install-v1'), uninstall: shared(folder, 'uninstall-v1') },
    verify,
  }
  const v2 = {
    version: 2,
    scripts: { install: shared(folder, 'install-v2', 5), uninstall: 'true', output: 'echo never' },
    verify,
  }
  return { before: makeInstall(v1), update: makeInvocation({ action: 'update', wanted: makeInstallation(v2) }) }
}

const states = [
  'accepted',
  'done prepareWanted',
  'done prepareUninstall',
  'begun uninstallPrevious',
  'started uninstallPrevious',
  'ended uninstallPrevious',
  'begun installWanted',
  'started installWanted',
  'ended installWanted',
  'done prepareRestore',
  'begun restorePrevious',
  'started restorePrevious',
  'ended restorePrevious',
  'done verifyPrevious',
  'journalled end',
  'recorded end',
]

test.each(states)('killed in %s: no script runs twice, and the end is the same', async (killAt) => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const { before, update } = makeUpdate(folder)
  const zeroth = await new ChildEngine(state).ready()
  zeroth.offer(before)
  expect((await zeroth.end(before.id)).outcome.state).toBe('succeeded')
  await vi.waitFor(() => expect(zeroth.forgotten).toBe(1), { timeout: 110_000, interval: 5 })
  await zeroth.kill()

  const first = await new ChildEngine(state, { killAt }).ready()
  first.offer(update)
  await first.exited
  const second = await new ChildEngine(state).ready()
  // The server hands it out again until the agent confirms it.
  second.offer(update)
  const end = await second.end(update.id)
  expect(end.outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    reason: 'The install script of v2 failed with exit code 5. v1 was put back.',
    exitCode: 5,
    installed: { status: 'installed', version: 1 },
  })
  expect(await readFile(join(folder, 'ran'), 'utf8')).toBe('install-v1\nuninstall-v1\ninstall-v2\ninstall-v1\n')
  // The offer may have arrived after the end: then the same end is reported again.
  for (const entry of second.entries) if (entry.kind === 'end') expect(entry).toEqual(end)
  await vi.waitFor(() => expect(second.forgotten).toBe(1), { timeout: 110_000, interval: 5 })
  expect(await readdir(join(state, 'invocations'))).toEqual([])
  expect(await readdir(join(state, 'workspaces'))).toEqual([])
  // A late repetition is answered with the end, and nothing runs.
  second.entries.length = 0
  second.offer(update)
  expect((await second.end(update.id)).outcome).toEqual(end.outcome)
  expect(await readFile(join(folder, 'ran'), 'utf8')).toBe('install-v1\nuninstall-v1\ninstall-v2\ninstall-v1\n')
  await second.kill()
  const record = JSON.parse(await readFile(join(state, 'installed', 'ext-test.json'), 'utf8')) as {
    status: string
    installation: { version: number }
  }
  expect(record).toMatchObject({ status: 'installed', installation: { version: 1 } })
})

test('killed before accepting: nothing is left, and the invocation can be offered again', async () => {
  const state = await makeFolder()
  await mkdir(join(state, 'invocations', 'inv-test-1-1'), { recursive: true })
  await writeFile(join(state, 'invocations', 'inv-test-1-1', 'journal.jsonl'), '{"half"')
  await mkdir(join(state, 'invocations', 'inv-test-2-1'))
  const engine = await TestEngine.start({ stateDirectory: state })
  expect(engine.worker.open()).toEqual([])
  const end = await engine.carryOut({ ...makeInstall({ scripts: { install: 'true' } }), id: 'inv-test-1-1' })
  expect(end.outcome.state).toBe('succeeded')
})

test('killed while writing the journal: the last whole line counts, and the next one is not appended to the torn one', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state, { killAt: 'started installWanted' }).ready()
  const invocation = makeInstall({ scripts: { install: `echo run >> ${folder}/runs; exit 4`, uninstall: 'true' } })
  first.offer(invocation)
  await first.exited
  await appendFile(join(state, 'invocations', invocation.id, 'journal.jsonl'), '{"steps":[{"id":"inst')
  const second = await TestEngine.start({ stateDirectory: state, acknowledges: false })
  const end = await second.end(invocation.id)
  expect(end.outcome, JSON.stringify(end.outcome)).toMatchObject({ state: 'failed', exitCode: 4 })
  await second.worker.close()
  const third = await TestEngine.start({ stateDirectory: state })
  expect(await third.end(invocation.id)).toEqual(end)
  expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('run\n')
})

test('the next agent carries out a cancel that came before a kill', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  await mkdir(state)
  const first = await new ChildEngine(state).ready()
  const running = makeInstall({ scripts: { install: `echo $$ > ${folder}/pid; ${waitFor(`${folder}/go`)}` } })
  const waiting = makeInstall({ scripts: { install: `touch ${folder}/never` } })
  first.offer(running)
  await readPid(join(folder, 'pid'))
  first.offer(waiting)
  first.cancel(waiting.id)
  expect((await first.end(waiting.id)).outcome.state).toBe('cancelled')
  await first.kill()
  await writeFile(join(folder, 'go'), '')
  const second = await TestEngine.start({ stateDirectory: state })
  expect((await second.end(running.id)).outcome.state).toBe('succeeded')
  expect(await exists(join(folder, 'never'))).toBe(false)
})

test('unacknowledged entries are reported again after a restart, in the same chunks with the same timestamps', async () => {
  const state = await makeFolder()
  const invocation = makeInstall({ scripts: { install: 'echo one; sleep 0.1; echo two; echo three >&2' } })
  const first = await TestEngine.start({ stateDirectory: state, acknowledges: false })
  const end = await first.carryOut(invocation)
  await first.worker.close()
  const second = await TestEngine.start({ stateDirectory: state, acknowledges: false })
  expect(second.worker.open()).toMatchObject([{ id: invocation.id }])
  expect(await second.end(invocation.id)).toEqual(end)
  expect(second.entries).toEqual(first.entries)
  second.worker.rewind()
  expect(second.worker.take(512 * 1024)).toEqual(first.entries)
})

test('an unreadable journal is reported, and its id never starts', async () => {
  const folder = await makeFolder()
  const state = join(folder, 'state')
  const invocation = makeInstall({ scripts: { install: `touch ${folder}/ran` } })
  await mkdir(join(state, 'invocations', invocation.id), { recursive: true })
  await writeFile(join(state, 'invocations', invocation.id, 'journal.jsonl'), 'not json\n')
  const engine = await TestEngine.start({ stateDirectory: state })
  expect((await engine.end(invocation.id)).outcome).toMatchObject({ state: 'failed', reasonCode: 'Interrupted' })
  engine.entries.length = 0
  expect((await engine.carryOut(invocation)).outcome.state).toBe('failed')
  expect(await exists(join(folder, 'ran'))).toBe(false)
})
