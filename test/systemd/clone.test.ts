// Two machines with the state directory of one: a disk that was copied with the machine id, and one that was copied without.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import type { Container } from './container.ts'
import { agentPrefix, agentVersion } from './container-host.ts'
import { type LiveInstance, type LiveSystem, showUnit, skipReason, startLiveSystem } from './live-system.ts'
import { makeStepExtension, readVerdict } from './step-ledger.ts'

const patience = { timeout: 110_000, interval: 100 }
const state = 'var/lib/chandler-agent'

// Without root, overlays or apt there are no containers. In CI the tests do not ask.
describe.skipIf(skipReason !== undefined)('a cloned disk', () => {
  let live: LiveSystem
  let original: LiveInstance

  beforeAll(async () => {
    live = await startLiveSystem()
    original = await live.addInstance('original')
  })
  afterAll(() => live?.stop())

  const readJournal = async (container: Container) =>
    (await container.ask('journalctl', '--no-pager', '--output=cat', '--unit=chandler-agent')).split('\n')
  const countConnects = async (container: Container) =>
    (await readJournal(container)).filter((line) => line.includes('"message":"connected to ')).length
  const install = async (name: string) => {
    const extension = await makeStepExtension(live.client, original.container, name)
    await extension.addVersion()
    return readVerdict(live.client, await extension.start('install', original.id), original.id, name)
  }

  test('without the machine id: the copy refuses to run, says why, and the original keeps working', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const copy = await live.host.add('copy')
    await copy.boot()
    execFileSync('cp', ['-a', join(original.container.disk, state), join(copy.disk, 'var/lib')])
    const refused = await copy.run(`${agentPrefix}/${agentVersion}/bin/chandler-agent`, 'setup', 'install')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was made on another machine') })
    expect(await showUnit(copy, 'chandler-agent', 'ActiveState')).toEqual({ ActiveState: 'inactive' })
    await copy.cut()
    expect(await install('beside-a-copy')).toMatchObject({ status: 'Success', installed: 'v1' })
  })

  test('with the machine id: both back off, and the instance is quarantined until an operator releases it', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const { client } = live
    const { container, id } = original
    const clone = await live.host.add('clone', { copyOf: 'original' })
    const before = await countConnects(container)
    await clone.boot()
    const quarantined = await vi.waitFor(async () => {
      const found = await client.instances.get(id)
      expect(found.admission).toBe('quarantined')
      return found
    }, patience)
    expect(quarantined.admissionReason).toContain('Two agents connect with the identity of this instance in turns')
    // Each connects again after up to half a minute. Without that they take the connection from each other twice a second.
    expect((await countConnects(container)) - before + (await countConnects(clone)) - before).toBeLessThanOrEqual(4)
    const { items } = await client.auditLog.list()
    expect(items.map(({ action }) => action)).toContain('QuarantineInstance')
    expect(await install('quarantined')).toMatchObject({ status: 'Skipped', reasonCode: 'Quarantined' })

    await clone.cut()
    await client.instances.release(id)
    await vi.waitFor(async () => {
      expect(await client.instances.get(id)).toMatchObject({ admission: 'admitted', status: 'online' })
    }, patience)
    expect(await install('released')).toMatchObject({ status: 'Success', installed: 'v1' })
  })
})
