import { expect, test } from 'vitest'
import type { Facts } from '../instance/facts.ts'
import { decideConfiguration } from './decide-configuration.ts'
import type { SignedConfiguration, VersionStatement } from './version-statement.ts'

const configuration = (id: string, more: Partial<SignedConfiguration> = {}): SignedConfiguration => ({
  id,
  os: 'linux',
  arch: 'any',
  scripts: {},
  verify: [],
  run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
  ...more,
})
const statement = (more: Partial<VersionStatement> = {}): VersionStatement => ({
  format: 'chandler-version-1',
  extension: 'demo',
  type: 'Application',
  version: 3,
  versionDescription: '',
  scope: {},
  parameters: {},
  configurations: [configuration('c1'), configuration('c2', { platforms: [{ id: 'debian', versions: '>=12' }] })],
  ...more,
})
const debian = { family: 'linux', id: 'debian', version: '12', name: 'Debian', arch: 'x86_64', kernel: '6.1' } as const
const rocky: Facts['os'] = { ...debian, id: 'rocky', version: '9.4', idLike: ['rhel', 'fedora'] }

test.each<[string, VersionStatement, string, Facts['os'], string | undefined]>([
  ['the configuration of the platform', statement(), 'c2', debian, undefined],
  ['the general one on another platform', statement(), 'c1', rocky, undefined],
  ['a less specific one', statement(), 'c1', debian, 'c2'],
  ['that of another platform', statement(), 'c2', rocky, 'c1'],
  ['an unknown one', statement(), 'c9', debian, 'c2'],
  ['a version out of scope', statement({ scope: { platforms: [{ id: 'ubuntu' }] } }), 'c2', debian, ''],
  [
    'a version for its family of platforms',
    statement({ scope: { platforms: [{ id: 'like:rhel' }] } }),
    'c1',
    rocky,
    undefined,
  ],
  [
    'a scope of clouds',
    statement({ scope: { instanceFamilies: ['ecs.g7'], imageTypes: ['system'] } }),
    'c2',
    debian,
    undefined,
  ],
  ['another architecture', statement({ configurations: [configuration('c1', { arch: 'arm64' })] }), 'c1', debian, ''],
])('%s', (_, version, requested, os, own) => {
  const refusal = decideConfiguration(version, requested, os)
  if (own === undefined) expect(refusal).toBeUndefined()
  else expect(refusal).toMatchObject({ code: 'NotForInstance', arguments: { name: 'demo v3', requested, own } })
})
