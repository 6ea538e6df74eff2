// Two machines with the disk of one: a copy with a machine id of its own, and a copy with the same one.
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import type { Container } from './container.ts'
import { agentPrefix } from './container-host.ts'
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

  test('with a machine id of its own: the agent of the copy ends, says why, and is not started again; the original keeps working', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const copy = await live.host.add('copy', { copyOf: 'original' })
    await copy.write('/etc/machine-id', `${'c0'.repeat(16)}\n`)
    await copy.write('/etc/hostname', 'copy\n')
    // One unit has failed: systemd is up all the same.
    await copy.boot()
    const names = ['ActiveState', 'ExecMainStatus', 'NRestarts']
    await vi.waitFor(async () => {
      expect(await showUnit(copy, 'chandler-agent', ...names)).toEqual({
        ActiveState: 'failed',
        ExecMainStatus: '78',
        NRestarts: '0',
      })
    }, patience)
    expect((await readJournal(copy)).join('\n')).toContain('was made on another machine')
    const program = `${agentPrefix}/current/bin/chandler-agent`
    const refused = await copy.run(program, 'setup', 'install')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was made on another machine') })
    expect(await install('beside-a-copy')).toMatchObject({ status: 'Success', installed: 'v1' })

    // As the message says.
    await copy.ask('rm', '-r', `/${state}`)
    await copy.write('/root/token', (await live.client.joinTokens.create({ uses: 1 })).token, 0o600)
    await copy.ask(program, 'setup', 'install', '--server', live.server.url, '--token-file', '/root/token')
    expect(await live.untilOnline('copy')).not.toBe(original.id)
    await copy.cut()
  })

  test('with the same machine id: both back off, and the instance is quarantined until an operator releases it', async () => {
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

  test('other hardware: accepted on the machine by its operator, then released at the server; until then it gets nothing', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const { client } = live
    const { container, id } = original
    await container.cut()
    await container.write('/etc/machine-id', `${'ab'.repeat(16)}\n`)
    await container.boot()
    await vi.waitFor(async () => {
      expect(await showUnit(container, 'chandler-agent', 'ActiveState', 'ExecMainStatus')).toEqual({
        ActiveState: 'failed',
        ExecMainStatus: '78',
      })
    }, patience)
    expect((await readJournal(container)).join('\n')).toContain('run "chandler-agent setup accept-machine"')

    const said = await container.ask(`${agentPrefix}/current/bin/chandler-agent`, 'setup', 'accept-machine')
    expect(said).toContain(`chandler instance release ${id}`)
    // A copy gets as far as this: the server compares the machine, too.
    await vi.waitFor(async () => {
      expect(await client.instances.get(id)).toMatchObject({ admission: 'quarantined', status: 'offline' })
    }, patience)
    expect(await install('not-released')).toMatchObject({ status: 'Skipped', reasonCode: 'Quarantined' })

    await client.instances.release(id)
    await vi.waitFor(async () => {
      expect(await client.instances.get(id)).toMatchObject({ admission: 'admitted', status: 'online' })
    }, patience)
    expect(await install('other-hardware')).toMatchObject({ status: 'Success', installed: 'v1' })
  })

  test('removed at the server: the agent ends, says what to do, and is not started again', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const { container, id } = original
    const names = ['ActiveState', 'ExecMainStatus', 'NRestarts']
    const ended = { ActiveState: 'failed', ExecMainStatus: '77', NRestarts: '0' }
    await container.ask('systemctl', 'restart', 'chandler-agent')
    await live.untilOnline('original')
    await live.client.instances.delete(id)
    await vi.waitFor(async () => expect(await showUnit(container, 'chandler-agent', ...names)).toEqual(ended), patience)
    const journal = (await readJournal(container)).join('\n')
    expect(journal).toContain('This instance was removed here. Enrol it again with a join token. (InstanceRemoved)')
    expect(journal).toContain('delete /var/lib/chandler-agent and install the agent with a join token')

    // An agent that was away when its instance was removed ends, too.
    await container.ask('systemctl', 'reset-failed', 'chandler-agent')
    await container.ask('systemctl', 'start', 'chandler-agent')
    await vi.waitFor(async () => expect(await showUnit(container, 'chandler-agent', ...names)).toEqual(ended), patience)
  })
})
