import { describe, expect, test } from 'vitest'
import type { SetupInstallRequest } from '../setup-request.ts'
import {
  parseServiceState,
  planWindowsAcceptance,
  planWindowsInstall,
  planWindowsRemoval,
  planWindowsUpgrade,
  renderServiceCommand,
  type WindowsFindings,
  type WindowsPlan,
} from './plan-windows-setup.ts'

const places = { prefix: 'C:\\Program Files\\Chandler Agent', state: 'C:\\ProgramData\\Chandler' }
const server = 'https://c.example:7443'
const version = '0.2.0-3f2a91c04b7d'
const earlier = '0.1.0-aaaaaaaaaaaa'
const request: SetupInstallRequest = {
  command: 'install',
  ...places,
  server,
  tokenFile: '-',
  tags: {},
  trust: {},
  useService: true,
  isForeground: false,
}
const nothing: WindowsFindings = {
  isAdministrator: true,
  service: 'none',
  serviceCommand: undefined,
  current: undefined,
  versions: [version],
  hasState: false,
  enrolment: undefined,
  holder: undefined,
}
const installed: WindowsFindings = {
  ...nothing,
  service: 'running',
  serviceCommand: renderServiceCommand(places, server),
  current: earlier,
  versions: ['0.0.9-bbbbbbbbbbbb', earlier, version],
  hasState: true,
  enrolment: { instanceId: 'i-1', serverUrl: server },
  holder: 12,
}
const kindsOf = (plan: WindowsPlan) =>
  'refusal' in plan ? plan.refusal : plan.steps.flatMap(({ kind }) => (kind === 'say' ? [] : [kind]))

test('a first installation', () => {
  const plan = planWindowsInstall(request, nothing, version)
  expect(kindsOf(plan)).toEqual(['protectState', 'enrol', 'placeHost', 'switchVersion', 'writeService', 'startService'])
  expect(plan).toMatchObject({
    steps: expect.arrayContaining([
      {
        kind: 'writeService',
        isNew: true,
        command: `"C:\\Program Files\\Chandler Agent\\chandler-host.exe" service "C:\\Program Files\\Chandler Agent" "C:\\ProgramData\\Chandler" "${server}"`,
      },
    ]),
  })
})

test('an upgrade keeps identity, service and the version before', () => {
  const plan = planWindowsInstall(request, installed, version)
  expect(kindsOf(plan)).toEqual([
    'protectState',
    'trust',
    'stopService',
    'placeHost',
    'switchVersion',
    'startService',
    'removeVersions',
  ])
  expect(plan).toMatchObject({
    steps: expect.arrayContaining([{ kind: 'removeVersions', versions: ['0.0.9-bbbbbbbbbbbb'] }]),
  })
})

test.each([
  ['no administrator', request, { ...nothing, isAdministrator: false }, version, 'as an administrator'],
  ['a program elsewhere', request, nothing, undefined, 'install.ps1 unpacks it there'],
  ['no server', { ...request, server: undefined }, nothing, version, 'the address of the server is unknown'],
  ['no token', { ...request, tokenFile: undefined }, nothing, version, 'a join token is needed'],
  ['another agent', request, { ...installed, service: 'stopped' }, version, 'runs as process 12 outside the service'],
  ['the foreground', { ...request, isForeground: true }, nothing, version, '--foreground is not supported'],
] as const)('refuses %s', (_, asked, found, own, refusal) => {
  const plan = planWindowsInstall(asked as SetupInstallRequest, found, own)
  expect(plan).toEqual({ refusal: expect.stringContaining(refusal) })
})

describe('an upgrade', () => {
  const upgrade = { command: 'upgrade', ...places, from: 'C:\\work', program: version, withinMs: 9_000 } as const

  test('checks the version, switches to it and waits for its connection; each change is undone by a restart', () => {
    const plan = planWindowsUpgrade(upgrade, installed)
    expect(kindsOf(plan)).toEqual([
      'checkProgram',
      'restartOnUndo',
      'placeHost',
      'switchVersion',
      'restartService',
      'awaitConnection',
      'removeVersions',
    ])
    expect(plan).toMatchObject({
      steps: expect.arrayContaining([
        { kind: 'placeHost', version },
        { kind: 'awaitConnection', version, withinMs: 9_000 },
        { kind: 'removeVersions', versions: ['0.0.9-bbbbbbbbbbbb'] },
        { kind: 'say', text: `agent ${version} replaces ${earlier} and is connected` },
      ]),
    })
  })

  test.each([
    ['no administrator', { isAdministrator: false }, 'as an administrator'],
    ['nothing installed', { current: undefined }, 'run install.ps1'],
    ['no enrolment', { enrolment: undefined }, 'run install.ps1'],
    ['a stopped service', { service: 'stopped', holder: undefined }, 'does not run as the service ChandlerAgent'],
    ['an agent outside the service', { service: 'none' }, 'does not run as the service ChandlerAgent'],
  ] as const)('is refused: %s', (_, found, refusal) => {
    expect(planWindowsUpgrade(upgrade, { ...installed, ...found })).toEqual({
      refusal: expect.stringContaining(refusal),
    })
  })
})

describe('the acceptance of a machine', () => {
  const accept = { command: 'accept-machine', ...places } as const
  const refusing = { ...installed, service: 'stopped', holder: undefined } as const

  test.each([
    ['a stopped service is started', refusing, ['acceptMachine', 'startService']],
    [
      'a service between two attempts starts afresh',
      { ...refusing, service: 'running' },
      ['acceptMachine', 'stopService', 'startService'],
    ],
    ['without a service', { ...refusing, service: 'none' }, ['acceptMachine']],
    ['a running agent', installed, 'an agent runs as process 12: it accepts this machine already'],
    [
      'no administrator',
      { ...refusing, isAdministrator: false },
      'run this as an administrator ("Run as administrator")',
    ],
    [
      'no identity',
      { ...refusing, enrolment: undefined },
      `${places.state} holds no enrolled identity: there is nothing to accept`,
    ],
  ] as const)('%s', (_, found, expected) => {
    expect(kindsOf(planWindowsAcceptance(accept, found))).toEqual(expected)
  })
})

test('removal', () => {
  const remove = { command: 'remove', ...places, useService: true, isPurge: false } as const
  expect(kindsOf(planWindowsRemoval(remove, installed))).toEqual(['stopService', 'removeService', 'removeProgram'])
  expect(
    kindsOf(planWindowsRemoval({ ...remove, isPurge: true }, { ...installed, service: 'stopped', holder: undefined })),
  ).toEqual(['removeService', 'removeProgram', 'removeState'])
  expect(kindsOf(planWindowsRemoval(remove, nothing))).toEqual(['removeProgram'])
  expect(planWindowsRemoval({ ...remove, isPurge: true }, { ...nothing, hasState: true })).toEqual({
    refusal: expect.stringContaining('holds no identity of an agent'),
  })
})

test.each([
  ['        STATE              : 1  STOPPED \r\n', 'stopped'],
  ['        STATE              : 4  RUNNING \r\n', 'running'],
  ['        STATE              : 3  STOP_PENDING\r\n', 'running'],
])('%j is %s', (text, state) => {
  expect(parseServiceState(`SERVICE_NAME: ChandlerAgent\r\n        TYPE : 10  WIN32_OWN_PROCESS \r\n${text}`)).toBe(
    state,
  )
})
