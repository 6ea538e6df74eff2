// An agent as a systemd service: what scripts may do to it, and what kills may do to both. The expected results come from the
// ledger that the scripts write.
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { agentPrefix, agentVersion } from './container-host.ts'
import { type LiveInstance, type LiveSystem, setUp, showUnit, skipReason, startLiveSystem } from './live-system.ts'
import { makeStepExtension, readOutput, readVerdict, type StepExtension } from './step-ledger.ts'

// Without root, overlays or apt there are no containers. In CI the tests do not ask.
describe.skipIf(skipReason !== undefined)('an agent as a service of systemd', () => {
  let live: LiveSystem
  let instance: LiveInstance

  beforeAll(async () => {
    live = await startLiveSystem()
    instance = await live.addInstance('service')
  })
  afterAll(() => live?.stop())

  async function makeExtension(name: string, install = ''): Promise<StepExtension> {
    onTestFailed(async () => console.error(await live.describe()))
    const extension = await makeStepExtension(live.client, instance.container, name)
    await extension.addVersion({ lines: { install } })
    return extension
  }
  const verdictOf = (extension: StepExtension, executionId: string) =>
    readVerdict(live.client, executionId, instance.id, extension.name)
  const install = async (extension: StepExtension) => {
    const executionId = await extension.start('install', instance.id)
    return { ...(await verdictOf(extension, executionId)), output: await readOutput(live.client, executionId) }
  }
  const succeeded = {
    status: 'Success',
    reasonCode: 'Succeeded',
    exitCode: 0,
    invocations: ['succeeded'],
    installed: 'v1',
  }
  const once = ['v1 install start', 'v1 install end']

  test.each([
    ['restarts the agent', 'restart', 'systemctl restart chandler-agent && echo restarted', 'restarted'],
    [
      'stops the agent and starts it again',
      'stop',
      'systemctl stop chandler-agent && systemctl is-active chandler-agent; systemctl start chandler-agent && echo started',
      'inactive\nstarted',
    ],
    [
      'makes systemd read its units and execute itself again',
      'reexec',
      'systemctl daemon-reexec && echo executed',
      'executed',
    ],
  ])('a script that %s runs once, to its end', async (_, name, lines, printed) => {
    const extension = await makeExtension(name, lines)
    expect(await install(extension)).toMatchObject({ ...succeeded, output: `output of v1 install\n${printed}\n` })
    expect(await extension.ledger()).toEqual(once)
  })

  test('a script that restarts the agent and fails: its exit code is the result', async () => {
    const extension = await makeExtension('restart-fails', 'systemctl restart chandler-agent; exit 17')
    const verdict = await install(extension)
    expect(verdict).toMatchObject({ status: 'Failed', reasonCode: 'ScriptFailed', exitCode: 17, broken: 'v1' })
    expect(await extension.ledger()).toEqual(['v1 install start'])
  })

  test('a script that upgrades the agent runs once, to its end; the new version reports it', async () => {
    const { container } = instance
    const newer = '0.2.0-aaaaaaaaaaaa'
    await container.ask('cp', '-a', `${agentPrefix}/${agentVersion}`, `${agentPrefix}/${newer}`)
    const extension = await makeExtension('upgrade', `${agentPrefix}/${newer}/bin/chandler-agent setup install`)
    const verdict = await install(extension)
    expect(verdict).toMatchObject(succeeded)
    expect(verdict.output).toContain(`agent ${newer} is installed in ${agentPrefix}; it replaces ${agentVersion}`)
    expect(await extension.ledger()).toEqual(once)
    const { MainPID } = await showUnit(container, 'chandler-agent', 'MainPID')
    expect(await container.ask('readlink', `/proc/${MainPID}/exe`)).toBe(`${agentPrefix}/${newer}/bin/node\n`)
  })

  test('agents are upgraded by an execution while a script runs; the new version reports both', async () => {
    const { container, id } = instance
    await setUp(container, agentVersion)
    const extension = await makeExtension('beside-upgrade')
    await extension.hold('v1 install')
    const executionId = await extension.start('install', id)
    await extension.wrote('v1 install start')
    const targets = { kind: 'ids' as const, ids: [id] }
    const upgrade = await live.client.executions.start({ operation: { kind: 'agentUpgrade' }, targets })
    const upgraded = await readVerdict(live.client, upgrade.id, id)
    expect(upgraded, upgraded.reason).toMatchObject({ status: 'Success', reasonCode: 'Succeeded' })
    await extension.open()
    expect(await verdictOf(extension, executionId)).toMatchObject(succeeded)
    expect(await extension.ledger()).toEqual(once)
    const { MainPID } = await showUnit(container, 'chandler-agent', 'MainPID')
    expect(await container.ask('readlink', `/proc/${MainPID}/exe`)).not.toContain(agentVersion)
  })

  test('a version that does not start is replaced by the one before', async () => {
    onTestFailed(async () => console.error(await live.describe()))
    const { container } = instance
    const broken = '0.3.0-bbbbbbbbbbbb'
    await setUp(container, agentVersion)
    await container.ask('cp', '-a', `${agentPrefix}/${agentVersion}`, `${agentPrefix}/${broken}`)
    await container.ask(
      'sed',
      '-i',
      '1i if (process.argv.includes("--state")) process.exit(1)',
      `${agentPrefix}/${broken}/src/agent/main.ts`,
    )
    const before = await container.ask('cat', '/etc/systemd/system/chandler-agent.service')
    const refused = await container.run(`${agentPrefix}/${broken}/bin/chandler-agent`, 'setup', 'install')
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the agent ended right after systemd had started it'),
    })
    expect(refused.stderr).toContain('What was changed before is undone')
    expect(await container.ask('readlink', `${agentPrefix}/current`)).toBe(`${agentVersion}\n`)
    expect(await container.ask('cat', '/etc/systemd/system/chandler-agent.service')).toBe(before)
    const extension = await makeExtension('after-refusal')
    expect(await install(extension)).toMatchObject(succeeded)
  })

  test('KILL of the agent while a script runs: the script ends by itself, and systemd starts an agent that reports it', async () => {
    const extension = await makeExtension('kill-agent')
    await extension.hold('v1 install')
    const executionId = await extension.start('install', instance.id)
    await extension.wrote('v1 install start')
    await instance.container.ask('systemctl', 'kill', '--kill-whom=main', '--signal=KILL', 'chandler-agent')
    await extension.open()
    await extension.wrote('v1 install end')
    expect(await verdictOf(extension, executionId)).toMatchObject(succeeded)
    expect(await extension.ledger()).toEqual(once)
  })

  test('KILL of the whole control group while a script runs: the script is reported as interrupted, and not run again', async () => {
    const extension = await makeExtension('kill-group')
    await extension.hold('v1 install')
    const executionId = await extension.start('install', instance.id)
    await extension.wrote('v1 install start')
    await instance.container.ask('systemctl', 'kill', '--kill-whom=all', '--signal=KILL', 'chandler-agent')
    await extension.open()
    const verdict = await verdictOf(extension, executionId)
    expect(verdict).toMatchObject({
      status: 'Failed',
      reasonCode: 'Interrupted',
      invocations: ['failed'],
      broken: 'v1',
    })
    expect(await extension.ledger()).toEqual(['v1 install start'])
  })

  test('a daemon of a script survives a restart of the agent', async () => {
    const { container } = instance
    const extension = await makeExtension('daemon', 'sleep 1000 & echo $! > "$folder/pid"')
    expect(await install(extension)).toMatchObject(succeeded)
    const pid = (await container.ask('cat', `${extension.inside}/pid`)).trim()
    await container.ask('systemctl', 'restart', 'chandler-agent')
    expect(await container.ask('cat', `/proc/${pid}/comm`)).toBe('sleep\n')
    expect(await container.ask('cat', `/proc/${pid}/cgroup`)).toContain('/chandler-agent.service')
    await container.ask('kill', pid)
  })

  test('the unit keeps scripts alive, restarts the agent always, and passes systemd-analyze', async () => {
    const { container } = instance
    const names = [
      'KillMode',
      'Restart',
      'RestartUSec',
      'RestartPreventExitStatus',
      'TasksMax',
      'OOMPolicy',
      'StartLimitIntervalUSec',
      'TimeoutStopUSec',
    ]
    expect(await showUnit(container, 'chandler-agent', ...names)).toEqual({
      KillMode: 'process',
      Restart: 'always',
      RestartUSec: '5s',
      RestartPreventExitStatus: '77 78',
      TasksMax: 'infinity',
      OOMPolicy: 'continue',
      StartLimitIntervalUSec: '0',
      TimeoutStopUSec: '30s',
    })
    expect(await container.run('systemd-analyze', 'verify', 'chandler-agent.service')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
  })

  // Scripts install software: a sandbox of the agent would be one of them, too.
  test('a script has the rights and the view of systemd itself: the unit restricts nothing', async () => {
    const show = (pid: string) =>
      `grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):' /proc/${pid}/status; readlink /proc/${pid}/ns/mnt /proc/${pid}/ns/net`
    const extension = await makeExtension('rights', `${show('self')}; umask; cat /proc/self/oom_score_adj`)
    const { output } = await install(extension)
    const ofSystemd = await instance.container.ask('sh', '-c', show('1'))
    expect(output).toBe(`output of v1 install\n${ofSystemd}0022\n0\n`)
    expect(output).toMatch(/^NoNewPrivs:\s+0$/m)
  })
})
