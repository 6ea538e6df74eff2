// A script requests a reboot: the agent reboots the machine once, and continues with the next step
// after it.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeInstall, makeInstallation, makeInvocation } from './agent-engine.ts'
import { RebootingMachine as Machine, patience, rebooting, statesOf } from './rebooting-machine.ts'

const allowed = { reboot: { timeoutMs: 600_000 } }

test.each([
  { how: 'exit code 194', script: 'exit 194' },
  { how: 'the file CHANDLER_REBOOT', script: ': > "$CHANDLER_REBOOT"' },
])('$how: the machine reboots once, no script runs twice, and the next step follows', async ({ script }) => {
  const machine = await Machine.make()
  const first = await machine.start()
  const invocation = makeInstall(
    {
      scripts: { install: `${machine.note('install')}; ${script}`, output: `${machine.note('output')}; echo done` },
      verify: [{ kind: 'script', script: machine.note('verify') }],
    },
    allowed,
  )
  await first.worker.offer(invocation)
  await machine.commanded()
  expect(await machine.ledger()).toEqual(['install'])
  expect(statesOf(first, invocation).at(-1)).toBe('rebooting 1')
  expect(first.worker.open()).toEqual([{ id: invocation.id, state: 'running' }])
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reasonCode: 'Succeeded',
    reason: 'Installed v1. The instance was rebooted.',
    output: 'done\n',
    installed: { status: 'installed', version: 1 },
  })
  expect(await machine.ledger()).toEqual(['install', 'verify', 'output'])
  expect(statesOf(second, invocation)).toEqual(['verifying 1', 'running 1'])
  expect(machine.commands).toBe(1)
})

test('an update reboots between uninstall and install, and again after the install', async () => {
  const machine = await Machine.make()
  let engine = await machine.start()
  await engine.carryOut(
    makeInstall({ scripts: { install: 'true', uninstall: `${machine.note('uninstall')}; exit 194` } }),
  )
  const install = `${machine.note('install')}; exit 194`
  const invocation = makeInstall({ version: 2, scripts: { install } }, { action: 'update', ...allowed })
  await engine.worker.offer(invocation)
  await machine.commanded(1)
  engine = await machine.reboot(engine)
  await machine.commanded(2)
  engine = await machine.reboot(engine)
  expect((await engine.end(invocation.id)).outcome).toMatchObject({ state: 'succeeded', installed: { version: 2 } })
  expect(await machine.ledger()).toEqual(['uninstall', 'install'])
  expect(machine.commands).toBe(2)
})

test('a command that requests a reboot is not run again', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const wanted = makeInstallation({ scripts: { install: `${machine.note('run')}; echo out; exit 194` } })
  const invocation = makeInvocation({ action: 'run', wanted, ...allowed })
  await first.worker.offer(invocation)
  await machine.commanded()
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reason: 'The command succeeded. The instance was rebooted.',
    output: 'out\n',
  })
  expect(await machine.ledger()).toEqual(['run'])
})

test('not allowed: nothing reboots, the plan continues, and the result says that a reboot is required', async () => {
  const machine = await Machine.make()
  const engine = await machine.start()
  const end = await engine.carryOut(
    makeInstall({ scripts: { install: 'exit 194' }, verify: [{ kind: 'script', script: machine.note('verify') }] }),
  )
  expect(end.outcome).toMatchObject({
    state: 'succeeded',
    reasonCode: 'RebootRequired',
    reason: 'Installed v1. A script requested a reboot, which the execution does not allow: reboot the instance.',
  })
  expect(await machine.ledger()).toEqual(['verify'])
  expect(machine.commands).toBe(0)
})

test('a failed script requests nothing, and neither does a file from before it', async () => {
  const machine = await Machine.make()
  const engine = await machine.start()
  const failing = makeInstall({ scripts: { install: ': > "$CHANDLER_REBOOT"; exit 1' } }, allowed)
  expect((await engine.carryOut(failing)).outcome).toMatchObject({ state: 'failed', exitCode: 1 })
  const stale = makeInstall(
    { scripts: { install: ': > .reboot-outputWanted', output: 'test ! -e "$CHANDLER_REBOOT"' } },
    { ...allowed, extensionId: 'ext-other' },
  )
  expect((await engine.carryOut(stale)).outcome).toMatchObject({ state: 'succeeded', reasonCode: 'Succeeded' })
  expect(machine.commands).toBe(0)
})

test('the reboot command fails: the task fails with what it said, and the old version is put back', async () => {
  const machine = await Machine.make()
  machine.onReboot = () => Promise.reject(new Error('the command "systemctl reboot" failed with exit code 1: denied'))
  const engine = await machine.start()
  await engine.carryOut(makeInstall({ scripts: { install: machine.note('v1'), uninstall: 'true' } }))
  const invocation = makeInstall({ version: 2, scripts: { install: 'exit 194' } }, { action: 'update', ...allowed })
  expect((await engine.carryOut(invocation)).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'RebootFailed',
    reason:
      'The instance could not be rebooted: the command "systemctl reboot" failed with exit code 1: denied. v1 was put back.',
    installed: { status: 'installed', version: 1 },
  })
  expect(machine.commands).toBe(1)
  // Later work is not held up.
  expect(
    (await engine.carryOut(makeInstall({ scripts: { install: 'true' } }, { extensionId: 'ext-2' }))).outcome,
  ).toMatchObject({
    state: 'succeeded',
  })
})

test('the machine stays up although the command succeeded: the task fails and says so', async () => {
  const machine = await Machine.make()
  const engine = await machine.start()
  const invocation = makeInstall({ scripts: { install: 'exit 194' } }, { reboot: { timeoutMs: 200 } })
  expect((await engine.carryOut(invocation)).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'RebootFailed',
    reason:
      'A script requested a reboot, and the instance did not reboot: the reboot command succeeded, and 0.1 s later the instance is still running.',
    installed: { status: 'broken' },
  })
})

test('the agent is stopped before the command: the next agent on the same boot reboots, the one after the boot does not', async () => {
  const machine = await Machine.make()
  // The agent stops between the journal and the command.
  const stopped = Promise.withResolvers<void>()
  const first = await machine.start({
    onStep: (state) => {
      if (state === 'rebooting installWanted') void first.worker.close().then(stopped.resolve)
    },
  })
  const invocation = makeInstall({ scripts: { install: `${machine.note('install')}; exit 194` } }, allowed)
  await first.worker.offer(invocation)
  await stopped.promise
  expect(machine.commands).toBe(0)
  const second = await machine.start()
  await machine.commanded(1)
  const third = await machine.reboot(second)
  expect((await third.end(invocation.id)).outcome).toMatchObject({ state: 'succeeded' })
  expect(machine.commands).toBe(1)
  expect(await machine.ledger()).toEqual(['install'])
})

test('the agent returns on the same boot again and again: a limited number of commands, then the task fails', async () => {
  const machine = await Machine.make()
  const invocation = makeInstall({ scripts: { install: `${machine.note('install')}; exit 194` } }, allowed)
  let engine = await machine.start()
  await engine.worker.offer(invocation)
  for (const count of [1, 2, 3]) {
    await machine.commanded(count)
    await engine.worker.close()
    engine = await machine.start()
  }
  expect((await engine.end(invocation.id)).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'RebootFailed',
    reason: 'A script requested a reboot, and the instance did not reboot: the reboot command was run 3 times.',
  })
  expect(machine.commands).toBe(3)
  expect(await machine.ledger()).toEqual(['install'])
})

test('the machine went down between the end of the script and its record: it has rebooted, and does not again', async () => {
  const machine = await Machine.make()
  const ended = Promise.withResolvers<void>()
  const first = await machine.start({
    onStep: (state) => {
      if (state === 'ended installWanted') {
        ended.resolve()
        void first.worker.close()
      }
    },
  })
  // The state of the step on disk is `begun`.
  const invocation = makeInstall({ scripts: { install: `${machine.note('install')}; exit 194` } }, allowed)
  await first.worker.offer(invocation)
  await ended.promise
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reason: 'Installed v1. The instance was rebooted.',
  })
  expect(await machine.ledger()).toEqual(['install'])
})

test('scripts of others end first, and nothing new starts before the machine has rebooted', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const other = makeInstall(
    {
      scripts: {
        install: `${machine.note('other')}; ${machine.waitFor('go')}; ${machine.note('other-ended')}`,
        output: machine.note('other-output'),
      },
    },
    { extensionId: 'ext-other' },
  )
  await first.worker.offer(other)
  await vi.waitFor(() => expect(existsSync(join(machine.folder, 'ledger'))).toBe(true), {
    timeout: 110_000,
    interval: 2,
  })
  const invocation = makeInstall({ scripts: { install: `${machine.note('install')}; exit 194` } }, allowed)
  await first.worker.offer(invocation)
  await rebooting(first, invocation)
  const late = makeInstall({ scripts: { install: machine.note('late') } }, { extensionId: 'ext-late' })
  await first.worker.offer(late)
  // The server extends the deadlines of both.
  expect(first.worker.waiting().sort()).toEqual([invocation.id, late.id].sort())
  expect(machine.commands).toBe(0)
  await machine.touch('go')
  await machine.commanded()
  expect(await machine.ledger()).toEqual(['other', 'install', 'other-ended'])
  expect(first.worker.waiting()).toEqual([late.id])
  const second = await machine.reboot(first)
  for (const { id } of [other, invocation, late])
    expect((await second.end(id)).outcome).toMatchObject({ state: 'succeeded' })
  expect((await machine.ledger()).slice(3).sort()).toEqual(['late', 'other-output'])
})

test('two invocations request a reboot: one reboot serves both', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const make = (name: string) =>
    makeInstall(
      { scripts: { install: `${machine.note(name)}; ${machine.waitFor('go')}; exit 194` } },
      { ...allowed, extensionId: `ext-${name}` },
    )
  const both = [make('a'), make('b')]
  for (const one of both) await first.worker.offer(one)
  await vi.waitFor(async () => expect(await machine.ledger()).toHaveLength(2), { timeout: 110_000, interval: 5 })
  await machine.touch('go')
  for (const one of both) await rebooting(first, one)
  await vi.waitFor(() => expect(machine.commands).toBeGreaterThan(0), { timeout: 110_000, interval: 2 })
  const commands = machine.commands
  const second = await machine.reboot(first)
  for (const { id } of both) expect((await second.end(id)).outcome).toMatchObject({ state: 'succeeded' })
  expect(machine.commands).toBe(commands)
})

test('cancelled while it waits to reboot: the machine does not reboot, and other work continues', async () => {
  const machine = await Machine.make()
  const engine = await machine.start()
  const other = makeInstall(
    { scripts: { install: `${machine.note('other')}; ${machine.waitFor('go')}` } },
    { extensionId: 'ext-other' },
  )
  await engine.worker.offer(other)
  await vi.waitFor(() => expect(existsSync(join(machine.folder, 'ledger'))).toBe(true), {
    timeout: 110_000,
    interval: 2,
  })
  const invocation = makeInstall({ scripts: { install: 'exit 194' } }, allowed)
  await engine.worker.offer(invocation)
  await rebooting(engine, invocation)
  const late = makeInstall({ scripts: { install: 'true' } }, { extensionId: 'ext-late' })
  await engine.worker.offer(late)
  engine.worker.cancel(invocation.id)
  expect((await engine.end(invocation.id)).outcome).toMatchObject({
    state: 'cancelled',
    reasonCode: 'CancelledByUser',
    reason: 'Cancelled before the reboot that a script requested; the instance was not rebooted.',
    installed: { status: 'broken' },
  })
  expect((await engine.end(late.id)).outcome).toMatchObject({ state: 'succeeded' })
  await machine.touch('go')
  await engine.end(other.id)
  expect(machine.commands).toBe(0)
})

test('cancelled while the machine reboots: no further step begins', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const invocation = makeInstall(
    { scripts: { install: `${machine.note('install')}; exit 194`, output: machine.note('output') } },
    allowed,
  )
  await first.worker.offer(invocation)
  await machine.commanded()
  first.worker.cancel(invocation.id)
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({ state: 'cancelled', reasonCode: 'CancelledByUser' })
  expect(await machine.ledger()).toEqual(['install'])
})

test('a script that waits for a pending reboot can be cancelled', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const other = makeInstall(
    { scripts: { install: `${machine.note('other')}; ${machine.waitFor('go')}`, output: machine.note('never') } },
    { extensionId: 'ext-other' },
  )
  await first.worker.offer(other)
  await vi.waitFor(() => expect(existsSync(join(machine.folder, 'ledger'))).toBe(true), {
    timeout: 110_000,
    interval: 2,
  })
  // The command never returns, as while a shutdown is slow.
  machine.onReboot = () => new Promise(() => {})
  const invocation = makeInstall({ scripts: { install: 'exit 194' } }, allowed)
  await first.worker.offer(invocation)
  await rebooting(first, invocation)
  await machine.touch('go')
  await machine.commanded()
  first.worker.cancel(other.id)
  expect((await first.end(other.id)).outcome).toMatchObject({ state: 'cancelled' })
  expect(await machine.ledger()).toEqual(['other'])
})

test('a check that fails because the machine shuts down is repeated after the boot', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const check = `${machine.note('check')}; ${machine.waitFor('go')}; test -e ${machine.folder}/up`
  const verify = [{ kind: 'script' as const, script: check, withinMs: 10_000 }]
  const invocation = makeInstall({ scripts: { install: machine.note('install') }, verify })
  await first.worker.offer(invocation)
  await vi.waitFor(async () => expect(await machine.ledger()).toEqual(['install', 'check']), patience)
  machine.shutdown = 'rebooting'
  machine.looks = 0
  await machine.touch('go')
  await vi.waitFor(() => expect(machine.looks).toBeGreaterThan(0), patience)
  await first.worker.close()
  await machine.touch('up')
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reason: 'Installed v1. The instance was rebooted.',
  })
  expect((await machine.ledger()).filter((line) => line === 'install')).toEqual(['install'])
})

test('a script that reboots the machine by itself: the result says that the machine rebooted while it ran', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const invocation = makeInstall({ scripts: { install: `${machine.note('install')}; kill -TERM $$` } })
  const begun = makeInstall(
    { scripts: { install: `echo $$ > ${machine.folder}/pid; exec sleep 60` } },
    { extensionId: 'ext-2' },
  )
  await first.worker.offer(begun)
  await vi.waitFor(() => expect(existsSync(join(machine.folder, 'pid'))).toBe(true), { timeout: 110_000, interval: 2 })
  await first.worker.close()
  const pid = Number(
    await vi.waitFor(async () => {
      const text = await readFile(join(machine.folder, 'pid'), 'utf8')
      expect(text).not.toBe('')
      return text
    }),
  )
  // The shutdown ends the script when the agent is gone already.
  process.kill(pid, 'SIGTERM')
  machine.boots++
  const second = await machine.start()
  expect((await second.end(begun.id)).outcome).toMatchObject({
    state: 'failed',
    reasonCode: 'Interrupted',
    reason: 'The machine rebooted while the install script of v1 was running. How far it came is not known.',
  })
  // The agent sees the end of the script before it is stopped itself.
  machine.shutdown = 'rebooting'
  expect((await second.carryOut(invocation)).outcome).toMatchObject({
    reasonCode: 'Interrupted',
    reason: 'The machine was shutting down while the install script of v1 was running. How far it came is not known.',
  })
})
