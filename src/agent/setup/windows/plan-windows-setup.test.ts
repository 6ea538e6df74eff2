import { expect, test } from 'vitest'
import type { SetupInstallRequest } from '../setup-request.ts'
import {
  parseServiceState,
  planWindowsInstall,
  planWindowsRemoval,
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
