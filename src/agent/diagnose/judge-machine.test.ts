import { expect, test } from 'vitest'
import { parseLocks } from './find-machine.ts'
import type { AgentStatus } from './find-status.ts'
import { judgeMachine, type MachineFindings } from './judge-machine.ts'

const now = Date.UTC(2026, 10, 30)
const day = 86_400_000
const status: AgentStatus = {
  version: '0.1.0',
  stateDirectory: '/state',
  server: 'https://chandler.example',
  instanceId: 'i-1',
  process: 7,
  connection: { program: '0.1.0-abc', isRunning: true },
  trust: 'pinned',
  caExpiresAt: now + 300 * day,
  openInvocations: [],
}
const found: MachineFindings = {
  family: 'linux',
  isPrivileged: true,
  freeBytes: 2 ** 33,
  freeInodes: 100_000,
  stateMode: 0o755,
  server: { status: 200, clockAheadMs: 400, certificateExpiresAt: now + 60 * day },
  packageLocks: [],
  now,
}
/** What a Windows machine has no findings of is not checked. */
const windows = { family: 'windows', stateMode: undefined, packageLocks: undefined } as const
const answering = { status: 200, clockAheadMs: 0, certificateExpiresAt: now + 60 * day }

test('a healthy machine has no check that fails', () => {
  const checks = judgeMachine(status, found)
  expect(checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
    'enrolment ok',
    'process ok',
    'server ok',
    'certificate ok',
    'clock ok',
    'pinned CA ok',
    'disk ok',
    'permissions ok',
    'package manager ok',
  ])
})

test('a healthy Windows machine: neither modes nor locks of package managers', () => {
  const checks = judgeMachine(status, { ...found, ...windows, freeInodes: 0 })
  expect(checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  expect(checks.map(({ name }) => name)).not.toContain('package manager')
})

test.each<[string, Partial<AgentStatus>, Partial<MachineFindings>, string]>([
  ['no identity', { instanceId: undefined }, {}, 'enrolment failed: /state holds no instance id'],
  ['no process', { process: undefined }, {}, 'process failed: no agent runs'],
  ['never accepted', { connection: undefined }, {}, 'process warning: process 7 has not been accepted'],
  ['another process was accepted', { connection: { program: 'x', isRunning: false } }, {}, 'process warning'],
  ['unreachable', {}, { server: { error: 'ECONNREFUSED' } }, 'server failed: ECONNREFUSED'],
  [
    'another server',
    {},
    { server: { ...answering, status: 502 } },
    'server failed: https://chandler.example answers 502',
  ],
  ['clock behind', {}, { server: { ...answering, clockAheadMs: 31_000 } }, 'clock failed: 31 s behind the server'],
  ['clock ahead', {}, { server: { ...answering, clockAheadMs: -90_000 } }, 'clock failed: 90 s ahead of the server'],
  [
    'certificate',
    {},
    { server: { ...answering, certificateExpiresAt: now - 1 } },
    'certificate failed: expired on 2026-11-29',
  ],
  [
    'soon',
    {},
    { server: { ...answering, certificateExpiresAt: now + 13 * day } },
    'certificate warning: expires on 2026-12-13',
  ],
  ['CA', { caExpiresAt: now }, {}, 'pinned CA failed: expired on 2026-11-30'],
  ['disk', {}, { freeBytes: 1_000_000 }, 'disk failed: 0 MiB free in /state'],
  ['inodes', {}, { freeInodes: 3 }, 'disk failed: 3 inodes free'],
  ['open state', {}, { stateMode: 0o775 }, 'permissions failed: other users can change /state'],
  ['another user', {}, { isPrivileged: false }, 'permissions warning: not root'],
  [
    'no agent on Windows',
    { process: undefined, stateDirectory: 'C:\\S' },
    windows,
    'sc.exe start ChandlerAgent, then read C:\\S\\agent.log',
  ],
  ['no administrator', {}, { ...windows, isPrivileged: false }, 'permissions warning: not an administrator'],
  ['a lock', {}, { packageLocks: [{ name: 'apt', pid: 9 }] }, 'package manager warning: locked by apt (process 9)'],
])('%s', (_, changedStatus, changedFindings, expected) => {
  const checks = judgeMachine({ ...status, ...changedStatus }, { ...found, ...changedFindings })
  expect(checks.map(({ name, verdict, text }) => `${name} ${verdict}: ${text}`)).toContainEqual(
    expect.stringContaining(expected),
  )
})

test('locks are found by inode; those for reading do not count', () => {
  const text = '1: POSIX  ADVISORY  WRITE 123 08:01:456 0 EOF\n2: FLOCK  ADVISORY  READ 5 fe:00:789 0 EOF\n-> x\n'
  expect(parseLocks(text)).toEqual(new Map([[456, 123]]))
})
