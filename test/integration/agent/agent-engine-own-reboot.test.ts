// A script that reboots the machine itself: the agent starts nothing in the machine that goes down, and continues with the
// next step after the boot.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeInstall, makeInstallation, makeInvocation } from './agent-engine.ts'
import { RebootingMachine as Machine, patience, rebooting } from './rebooting-machine.ts'

const stepsOf = (machine: Machine, install = 'true') => ({
  scripts: { install: `${machine.note('install')}; ${install}`, output: machine.note('output') },
  verify: [{ kind: 'script' as const, script: machine.note('verify') }],
})

test.each([
  { how: 'exits with 0', install: 'true', reboot: undefined },
  { how: 'requests a reboot as well, which is allowed', install: 'exit 194', reboot: { timeoutMs: 600_000 } },
  { how: 'requests a reboot as well, which is not allowed', install: 'exit 194', reboot: undefined },
])('a script that starts a reboot and $how: the next step follows after the boot', async ({ install, reboot }) => {
  const machine = await Machine.make()
  const first = await machine.start()
  machine.shutdown = 'rebooting'
  const invocation = makeInstall(stepsOf(machine, install), reboot && { reboot })
  await first.worker.offer(invocation)
  await rebooting(first, invocation)
  // Nothing starts in the machine that goes down, and it needs no command.
  const late = makeInstall({ scripts: { install: machine.note('late') } }, { extensionId: 'ext-late' })
  await first.worker.offer(late)
  await vi.waitFor(() => expect(first.worker.waiting()).toContain(late.id), patience)
  expect(await machine.ledger()).toEqual(['install'])
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reasonCode: 'Succeeded',
    reason: 'Installed v1. The instance was rebooted.',
    installed: { status: 'installed', version: 1 },
  })
  expect((await second.end(late.id)).outcome).toMatchObject({ state: 'succeeded' })
  const ledger = await machine.ledger()
  expect(ledger.filter((line) => line !== 'late')).toEqual(['install', 'verify', 'output'])
  expect(machine.commands).toBe(0)
})

test('a command that reboots the machine and exits with 0 ends after the boot, and is not run again', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  machine.shutdown = 'rebooting'
  const invocation = makeInvocation({
    action: 'run',
    wanted: makeInstallation({ scripts: { install: machine.note('run') } }),
  })
  await first.worker.offer(invocation)
  await rebooting(first, invocation)
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reason: 'The command succeeded. The instance was rebooted.',
  })
  expect(await machine.ledger()).toEqual(['run'])
})

test('the agent was gone when the script rebooted the machine and exited with 0: the next agent continues', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  const { verify, scripts } = stepsOf(machine, machine.waitFor('go'))
  const invocation = makeInstall({
    verify,
    scripts: { ...scripts, install: `${scripts.install}; ${machine.note('end')}` },
  })
  await first.worker.offer(invocation)
  await vi.waitFor(async () => expect(await machine.ledger()).toEqual(['install']), patience)
  await first.worker.close()
  await machine.touch('go')
  // The supervisor has reported the end of the script: a machine that went down before that leaves it unknown.
  const exit = join(machine.folder, 'state/invocations', invocation.id, '1/exit')
  await vi.waitFor(async () => expect(await readFile(exit, 'utf8')).toBe('000\n'), patience)
  expect(await machine.ledger()).toEqual(['install', 'end'])
  machine.boots++
  const second = await machine.start()
  expect((await second.end(invocation.id)).outcome).toMatchObject({
    state: 'succeeded',
    reason: 'Installed v1. The instance was rebooted.',
  })
  expect(await machine.ledger()).toEqual(['install', 'end', 'verify', 'output'])
})

test('a shutdown that is cancelled: the invocation continues on the same boot', async () => {
  const machine = await Machine.make()
  const engine = await machine.start()
  machine.shutdown = 'rebooting'
  const invocation = makeInstall(stepsOf(machine))
  await engine.worker.offer(invocation)
  await rebooting(engine, invocation)
  machine.shutdown = 'up'
  expect((await engine.end(invocation.id)).outcome).toMatchObject({ state: 'succeeded', reason: 'Installed v1.' })
  expect(await machine.ledger()).toEqual(['install', 'verify', 'output'])
})

test('a script that powers the machine off: no further script starts; a command ends at once', async () => {
  const machine = await Machine.make()
  const first = await machine.start()
  machine.shutdown = 'poweringOff'
  const command = makeInvocation({
    action: 'run',
    wanted: makeInstallation({ scripts: { install: machine.note('run') } }),
    extensionId: 'ext-run',
  })
  expect((await first.carryOut(command)).outcome).toMatchObject({
    state: 'succeeded',
    reason: 'The command succeeded.',
  })
  const invocation = makeInstall({ scripts: { install: machine.note('install') } })
  await first.worker.offer(invocation)
  await vi.waitFor(() => expect(first.worker.waiting()).toContain(invocation.id), patience)
  expect(await machine.ledger()).toEqual(['run'])
  const second = await machine.reboot(first)
  expect((await second.end(invocation.id)).outcome).toMatchObject({ state: 'succeeded', reason: 'Installed v1.' })
})
