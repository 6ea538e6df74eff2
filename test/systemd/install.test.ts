// install.sh from a real server, on a machine with systemd.
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import type { CommandEnd, Container } from './container.ts'
import { agentPrefix } from './container-host.ts'
import { type LiveSystem, showUnit, skipReason, startLiveSystem } from './live-system.ts'

const state = '/var/lib/chandler-agent'

// Without root, overlays or apt there are no containers. In CI the tests do not ask.
describe.skipIf(skipReason !== undefined)('install.sh on a machine with systemd', () => {
  let live: LiveSystem
  let container: Container
  let token: string

  beforeAll(async () => {
    live = await startLiveSystem()
    container = await live.host.add('install', { isBare: true })
    await container.boot()
    token = (await live.client.joinTokens.create({ uses: 10 })).token
    fresh = await look()
  })
  afterAll(() => live?.stop())

  const pipe = `curl -fsSL "$0/install.sh" | sh -s -- "$@"`
  const installSh = (...args: string[]): Promise<CommandEnd> =>
    container.run('sh', '-c', pipe, live.server.url, ...args)

  /** Everything that an installation may leave. systemd writes files, too. */
  const look = async () => ({
    files: (await container.findAdditions()).filter(
      (path) => !/^var\/(log|lib\/systemd|tmp\/systemd-private-)/.test(path),
    ),
    units: await container.ask('systemctl', 'list-unit-files', '--no-pager'),
    users: await container.ask('getent', 'passwd'),
  })
  const readService = () => showUnit(container, 'chandler-agent', 'ActiveState', 'UnitFileState', 'NRestarts')
  const runs = { ActiveState: 'active', UnitFileState: 'enabled', NRestarts: '0' }
  let fresh: Awaited<ReturnType<typeof look>>

  test('a failed installation leaves nothing', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const unknown = await installSh('--token', 'ct_unknown')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('The join token is invalid') })
    const refused = await installSh('--token', token, '--tag', 'owner=me')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('does not enrol this instance') })
    expect(await look()).toEqual(fresh)
  })

  test('one that fails after the enrolment keeps the key, says so, and leaves nothing else', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    await container.ask('mount', '--bind', '-o', 'ro', '/etc/systemd/system', '/etc/systemd/system')
    const failed = await installSh('--token', token, '--name', 'install')
    await container.ask('umount', '/etc/systemd/system')
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/read-only file system \(EROFS\)/) })
    expect(failed.stderr).toContain(`except: this machine stays enrolled, with its key in ${state}`)
    const after = await look()
    const kept = after.files.filter((path) => !fresh.files.includes(path))
    expect(kept).toEqual([state, `${state}/identity.json`].map((path) => path.slice(1)))
    expect({ ...after, files: fresh.files }).toEqual(fresh)
  })

  test('the installation enrols, enables and starts the agent, which connects', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const installed = await installSh('--token', token, '--name', 'another name')
    expect(installed, installed.stderr).toMatchObject({ code: 0 })
    const id = await live.untilOnline('install')
    // The key of the failed installation is the identity.
    expect(installed.stdout).toContain(`this machine is already instance ${id}`)
    expect(await readService()).toEqual(runs)
    const status = await container.ask(`${agentPrefix}/current/bin/chandler-agent`, 'setup', 'status')
    expect(status).toContain('active, enabled')
    expect(status).toContain(id)
  })

  test('after a reboot the agent is started and connects again', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const id = await live.untilOnline('install')
    const before = (await live.client.instances.get(id)).lastSeenAt
    const { boots } = container
    await container.run('systemctl', 'reboot')
    await container.rebooted(boots)
    await expect
      .poll(async () => {
        const { status, lastSeenAt } = await live.client.instances.get(id)
        return status === 'online' && lastSeenAt !== before
      })
      .toBe(true)
    expect(await readService()).toEqual(runs)
  })

  test('a second installation keeps identity, version and service', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const identity = await container.ask('cat', `${state}/identity.json`)
    const versions = await container.ask('ls', agentPrefix)
    const again = await installSh('--token', token)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('it keeps its identity') })
    expect(await container.ask('cat', `${state}/identity.json`)).toBe(identity)
    expect(await container.ask('ls', agentPrefix)).toBe(versions)
    expect(await readService()).toEqual(runs)
    expect((await live.client.instances.list()).items).toHaveLength(1)
  })

  test('an upgrade replaces the earlier version while it runs, and keeps it beside the new one', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const version = (await container.ask('readlink', `${agentPrefix}/current`)).trim()
    const older = '0.0.9-0123456789ab'
    // As if the one that runs were an older one.
    await container.ask('systemctl', 'stop', 'chandler-agent')
    await container.ask('mv', `${agentPrefix}/${version}`, `${agentPrefix}/${older}`)
    await container.ask('ln', '-sfn', older, `${agentPrefix}/current`)
    await container.ask('systemctl', 'start', 'chandler-agent')
    const upgraded = await installSh('--token', token)
    expect(upgraded, upgraded.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`it replaces ${older}`),
    })
    const { MainPID } = await showUnit(container, 'chandler-agent', 'MainPID')
    expect(await container.ask('readlink', `/proc/${MainPID}/exe`)).toBe(`${agentPrefix}/${version}/bin/node\n`)
    expect((await container.ask('ls', agentPrefix)).split('\n').filter(Boolean)).toEqual([older, version, 'current'])
  })

  test('the removal leaves no file, no unit and no user', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const id = await live.untilOnline('install')
    const removed = await installSh('--uninstall', '--purge')
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining(`chandler instance remove ${id}`) })
    expect(await look()).toEqual(fresh)
    await expect.poll(async () => (await live.client.instances.get(id)).status).toBe('offline')
  })
})
