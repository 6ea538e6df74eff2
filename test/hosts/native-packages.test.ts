// One extension with a deb, an rpm and a tar configuration, on servers of three kinds at once: each gets its own, by its own
// package manager, from the command line, with a reboot in between.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { TaskView } from '../../src/protocol/api/executions.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { type MixedFleet, startMixedFleet } from './mixed-fleet.ts'
import { explainNoRpmRoots } from './rpm-root.ts'

const noRoots = explainNoRpmRoots()
let system: CliSystem
let fleet: MixedFleet

beforeAll(async () => {
  if (noRoots !== undefined) return
  system = await startCliSystem()
  fleet = await startMixedFleet(system)
}, 900_000)

afterAll(async () => {
  await fleet?.stop()
  await system?.stop()
})

test('one execution each installs, updates and removes it on a Debian, an rpm and another server', async ({ skip }) => {
  skip(noRoots !== undefined, `no roots with rpm: ${noRoots}`)
  await system.json('extension', 'create', await fleet.writeExtension('1.0'))
  const facts = await system.json<{ name: string; facts: { os: { id: string; idLike?: string[] } } }[]>(
    'instance',
    'list',
  )
  expect(Object.fromEntries(facts.map((one) => [one.name, [one.facts.os.id, one.facts.os.idLike]]))).toEqual({
    debian: ['debian', []],
    rocky: ['rocky', ['rhel', 'centos', 'fedora']],
    other: ['other', []],
  })

  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await system.run(...args, '--targets', 'all', '--strict')
    expect(code, stdout + stderr).toBe(0)
    return stdout
  }
  await run('install', 'demo')
  expect(fleet.installed()).toEqual({ debian: 'installed 1.0', rocky: '1.0', other: '1.0' })
  expect(fleet.takeLedgers()).toEqual({
    debian: ['check 1.0', 'output 1.0'],
    rocky: ['check 1.0', 'output 1.0'],
    other: ['install 1.0', 'check 1.0'],
  })

  // Every script that requests a reboot runs once, what follows it runs after the boot, and checks hold after it.
  await system.json('extension', 'update', await fleet.writeExtension('2.0', { requestsReboot: true }))
  const update = run('update', 'demo', '--allow-reboot', '--reboot-timeout', '5m')
  await fleet.untilDown()
  const [{ id } = { id: '' }] = await system.json<{ id: string }[]>('execution', 'list')
  await vi.waitFor(async () => {
    expect((await system.run('execution', 'show', id)).stdout.match(/Rebooting/g)?.length).toBeGreaterThanOrEqual(3)
  })
  fleet.boot()
  await update
  expect(fleet.installed()).toEqual({ debian: 'installed 2.0', rocky: '2.0', other: '2.0' })
  expect(fleet.takeLedgers()).toEqual({
    debian: ['check 2.0', 'output 2.0', 'boot', 'check 2.0'],
    rocky: ['check 2.0', 'output 2.0', 'boot', 'check 2.0'],
    other: ['uninstall 1.0', 'install 2.0', 'boot', 'check 2.0'],
  })
  const { tasks } = await system.json<{ tasks: TaskView[] }>('execution', 'show', id)
  const reasons = Object.fromEntries(tasks.map(({ instanceName, reason }) => [instanceName, reason]))
  expect(reasons).toEqual({
    debian: expect.stringMatching(/^Updated v1 to v2\..* The instance was rebooted\.$/),
    rocky: expect.stringMatching(/^Updated v1 to v2\..* The instance was rebooted\.$/),
    other: 'Updated v1 to v2. The instance was rebooted.',
  })

  await run('uninstall', 'demo')
  expect(fleet.installed()).toEqual({ debian: '', rocky: '', other: '' })
  expect(fleet.takeLedgers()).toEqual({ debian: [], rocky: [], other: ['uninstall 2.0'] })
})
