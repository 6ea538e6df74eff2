import { describe, expect, test } from 'vitest'
import {
  describeSetup,
  planAcceptance,
  planInstall,
  planRemoval,
  planUpgrade,
  type RemovalPlan,
  refuseUpgrade,
  type SetupFindings,
} from './plan-setup.ts'
import type { SetupInstallRequest, SetupRemoveRequest, SetupUpgradeRequest } from './setup-request.ts'
import { renderUnit } from './unit-file.ts'

const places = { prefix: '/opt/chandler-agent', state: '/var/lib/chandler-agent' }
const server = 'https://c.example:7443'
const install: SetupInstallRequest = {
  command: 'install',
  ...places,
  server,
  tokenFile: '-',
  tags: {},
  useService: true,
  isForeground: false,
  trust: {},
}
const remove: SetupRemoveRequest = { command: 'remove', ...places, useService: true, isPurge: false }

/** A machine with systemd that install.sh has just unpacked the version `2-b` on. */
const fresh: SetupFindings = {
  isRoot: true,
  systemd: { isActive: false, isEnabled: false, mainPid: 0 },
  unit: undefined,
  hasPrefix: true,
  current: undefined,
  versions: ['2-b'],
  hasState: false,
  hasIdentity: false,
  enrolment: undefined,
  agent: undefined,
}
const enrolment = { instanceId: 'i-1', serverUrl: server }
/** The same after `1-a` was installed and runs as a service. */
const installed: SetupFindings = {
  ...fresh,
  systemd: { isActive: true, isEnabled: true, mainPid: 7 },
  unit: renderUnit(places, server),
  current: '1-a',
  versions: ['0-z', '1-a', '2-b'],
  hasState: true,
  hasIdentity: true,
  enrolment,
  agent: { pid: 7, isInstalled: true },
}

const kindsOf = (plan: RemovalPlan) =>
  'refusal' in plan ? [`refused: ${plan.refusal}`] : plan.steps.map(({ kind }) => kind).filter((kind) => kind !== 'say')
const saidBy = (plan: RemovalPlan) =>
  'refusal' in plan ? '' : plan.steps.flatMap((step) => (step.kind === 'say' ? [step.text] : [])).join('\n')

describe('installing', () => {
  test('on a fresh machine: enrol, then switch, then start the service', () => {
    const plan = planInstall(install, fresh, '2-b')
    expect(kindsOf(plan)).toEqual(['enrol', 'switchVersion', 'writeUnit', 'startService'])
    expect(plan).toMatchObject({ server, steps: expect.arrayContaining([{ kind: 'switchVersion', version: '2-b' }]) })
    expect(saidBy(plan)).toContain('systemctl status chandler-agent.service')
  })

  test('over another version: keep the identity, stop the service first, keep the replaced version only', () => {
    const plan = planInstall(install, installed, '2-b')
    expect(kindsOf(plan)).toEqual([
      'trust',
      'stopService',
      'switchVersion',
      'writeUnit',
      'startService',
      'removeVersions',
    ])
    expect(plan).toMatchObject({ steps: expect.arrayContaining([{ kind: 'removeVersions', versions: ['0-z'] }]) })
    expect(saidBy(plan)).toContain('already instance i-1: it keeps its identity')
    expect(saidBy(plan)).toContain('it replaces 1-a')
  })

  test('the same version again removes every other one and needs neither token nor server', () => {
    const { server: _, tokenFile: __, ...bare } = install
    const plan = planInstall(bare, { ...installed, current: '2-b' }, '2-b')
    expect(plan).toMatchObject({
      server,
      steps: expect.arrayContaining([{ kind: 'removeVersions', versions: ['0-z', '1-a'] }]),
    })
    expect(saidBy(plan)).not.toContain('replaces')
  })

  test('a new address of the server is noted', () => {
    const elsewhere = { ...installed, enrolment: { ...enrolment, serverUrl: 'https://old.example' } }
    expect(saidBy(planInstall(install, elsewhere, '2-b'))).toContain('it was enrolled at https://old.example')
  })

  test.each([
    ['without systemd', install, { ...fresh, systemd: undefined }],
    ['with --no-service', { ...install, useService: false }, { ...fresh, isRoot: false }],
  ])('%s it prints the command that runs the agent', (_, request, found) => {
    const plan = planInstall(request, found, '2-b')
    expect(kindsOf(plan)).toEqual(['enrol', 'switchVersion'])
    expect(saidBy(plan)).toContain(
      `/opt/chandler-agent/current/bin/chandler-agent --server ${server} --state /var/lib/chandler-agent`,
    )
  })

  test('--no-service leaves a running agent alone and asks for its restart', () => {
    const plan = planInstall({ ...install, useService: false }, installed, '2-b')
    expect(kindsOf(plan)).toEqual(['trust', 'switchVersion', 'removeVersions'])
    expect(saidBy(plan)).toContain('an agent runs as process 7: restart it')
  })

  test('in the foreground no command is printed: the agent follows', () => {
    const plan = planInstall({ ...install, useService: false, isForeground: true }, fresh, '2-b')
    expect(kindsOf(plan)).toEqual(['enrol', 'switchVersion'])
    expect(saidBy(plan)).toBe('agent 2-b is installed in /opt/chandler-agent')
  })

  const { server: _, ...withoutServer } = install
  const { tokenFile: __, ...withoutToken } = install
  const foreground = { ...install, useService: false, isForeground: true }
  test.each([
    ['a program elsewhere', install, fresh, undefined, 'this program is not in a folder of /opt/chandler-agent'],
    ['no server', withoutServer, fresh, '2-b', 'the address of the server is unknown'],
    ['no token', withoutToken, fresh, '2-b', 'a join token is needed'],
    ['no root for a service', install, { ...fresh, isRoot: false }, '2-b', 'only root can set up the service'],
    [
      'an agent outside the service',
      install,
      { ...installed, agent: { pid: 8, isInstalled: true } },
      '2-b',
      'an agent runs as process 8 outside the service',
    ],
    ['an agent beside one in the foreground', foreground, installed, '2-b', 'an agent runs as process 7'],
  ])('%s is refused before anything changes', (_name, request, found, version, why) => {
    expect(planInstall(request, found, version)).toEqual({ refusal: expect.stringContaining(why) })
  })
})

describe('removing', () => {
  test('a service: the service ends the agent, then the program goes; the state stays', () => {
    const plan = planRemoval(remove, installed)
    expect(kindsOf(plan)).toEqual(['removeService', 'removeCurrent', 'removeVersions', 'removePrefix'])
    expect(saidBy(plan)).toContain('kept /var/lib/chandler-agent')
    expect(saidBy(plan)).toContain('chandler instance remove i-1')
  })

  test('with --purge the state goes last', () => {
    expect(kindsOf(planRemoval({ ...remove, isPurge: true }, installed)).at(-1)).toBe('removeState')
  })

  test('an agent outside the service is ended', () => {
    const alone = { ...installed, unit: undefined, systemd: undefined }
    expect(kindsOf(planRemoval(remove, alone))[0]).toBe('stopAgent')
    expect(kindsOf(planRemoval(remove, { ...installed, agent: { pid: 8, isInstalled: true } }))).toContain('stopAgent')
  })

  test('a service of another prefix, and an agent of another program, are left alone', () => {
    const others = {
      ...installed,
      unit: renderUnit({ ...places, prefix: '/opt/other' }, server),
      agent: { pid: 8, isInstalled: false },
    }
    expect(kindsOf(planRemoval(remove, others))).toEqual(['removeCurrent', 'removeVersions', 'removePrefix'])
  })

  test('a unit file is removed also where systemd does not run', () => {
    const image = { ...installed, systemd: undefined, agent: undefined }
    expect(kindsOf(planRemoval(remove, image))[0]).toBe('removeService')
  })

  test('again: nothing is missed', () => {
    const plan = planRemoval({ ...remove, isPurge: true }, { ...fresh, hasPrefix: false, versions: [] })
    expect(kindsOf(plan)).toEqual([])
    expect(saidBy(plan)).toBe('no agent is installed in /opt/chandler-agent')
  })

  test.each([
    ['no root for the service', remove, { ...installed, isRoot: false }, 'only root can remove the service'],
    ['a state of somebody else', { ...remove, isPurge: true }, { ...fresh, hasState: true }, 'holds no identity'],
    [
      'a state in use by another program',
      { ...remove, isPurge: true },
      { ...installed, agent: { pid: 8, isInstalled: false } },
      'runs as process 8',
    ],
  ])('%s is refused before anything changes', (_, request, found, why) => {
    expect(planRemoval(request, found)).toEqual({ refusal: expect.stringContaining(why) })
  })
})

describe('the status', () => {
  const status = { command: 'status', ...places } as const
  test('of a running service', () => {
    expect(describeSetup(status, installed)).toEqual({
      isRunning: true,
      lines: [
        'version:        1-a',
        'other versions: 0-z, 2-b',
        'prefix:         /opt/chandler-agent',
        'state:          /var/lib/chandler-agent',
        'instance:       i-1',
        `server:         ${server}`,
        'service:        active, enabled',
        'process:        7',
      ],
    })
  })

  test('of a machine without an agent', () => {
    const { isRunning, lines } = describeSetup(status, { ...fresh, versions: [] })
    expect(isRunning).toBe(false)
    expect(lines).toEqual(
      expect.arrayContaining([
        'version:        none installed',
        'instance:       not enrolled',
        'service:        none',
      ]),
    )
  })
})

describe('upgrading', () => {
  const upgrade: SetupUpgradeRequest = {
    command: 'upgrade',
    ...places,
    from: '/tmp/new',
    program: '2-b',
    withinMs: 1_000,
  }

  test('switches before it restarts, keeps the replaced version, and removes older ones when the new one is connected', () => {
    expect(planUpgrade(upgrade, installed, 'unit').map(({ kind }) => kind)).toEqual([
      'writeGuard',
      'restartOnUndo',
      'switchVersion',
      'writeUnit',
      'restartService',
      'awaitConnection',
      'removeGuard',
      'removeVersions',
      'say',
    ])
    expect(planUpgrade(upgrade, installed, 'unit')).toContainEqual({ kind: 'removeVersions', versions: ['0-z'] })
    expect(refuseUpgrade(upgrade, installed)).toBeUndefined()
  })

  test('is possible where an interrupted upgrade has switched and the earlier agent still runs', () => {
    const switched = { ...installed, current: '2-b' }
    expect(refuseUpgrade(upgrade, switched)).toBeUndefined()
    const kinds = planUpgrade(upgrade, switched, 'unit').map(({ kind }) => kind)
    expect(kinds).toContain('restartService')
    // There is no earlier version that a reboot could return to.
    expect(kinds).not.toContain('writeGuard')
  })

  test.each([
    ['another user than root', { isRoot: false }, 'only root'],
    ['no installation', { current: undefined }, 'run install.sh'],
    ['no enrolment', { enrolment: undefined }, 'run install.sh'],
    ['no systemd', { systemd: undefined }, 'does not run as a systemd service'],
    ['no agent', { agent: undefined }, 'does not run as a systemd service'],
    ['an agent outside the service', { agent: { pid: 8, isInstalled: true } }, 'does not run as a systemd service'],
  ])('is refused with %s', (_, found, reason) => {
    expect(refuseUpgrade(upgrade, { ...installed, ...found })).toContain(reason)
  })
})

describe('accepting the machine', () => {
  const request = { command: 'accept-machine', ...places } as const
  const stopped = { ...installed, systemd: { isActive: false, isEnabled: true, mainPid: 0 }, agent: undefined }

  test('binds the identity, starts the service, and says what the server may need', () => {
    const plan = planAcceptance(request, stopped)
    expect(kindsOf(plan)).toEqual(['acceptMachine', 'startService'])
    expect(saidBy(plan)).toContain('chandler instance release i-1')
  })

  test('without a service it only binds', () => {
    expect(kindsOf(planAcceptance(request, { ...stopped, unit: undefined, isRoot: false }))).toEqual(['acceptMachine'])
  })

  test.each([
    ['no identity', { ...stopped, enrolment: undefined }, /holds no enrolled identity/],
    ['an agent that runs', installed, /accepts this machine already/],
    ['another user than root', { ...stopped, isRoot: false }, /only root can start the service/],
  ])('is refused with %s', (_, found, why) => {
    const plan = planAcceptance(request, found)
    expect('refusal' in plan && plan.refusal).toMatch(why)
  })
})
