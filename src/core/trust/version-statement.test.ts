import { describe, expect, it } from 'vitest'
import type { Configuration } from '../extension/extension.ts'
import { applyStatement, makeVersionStatement, type StatedVersion } from './version-statement.ts'

const digest = (text: string) => `sha256(${text})`

const configuration: Configuration = {
  id: 'c1',
  os: 'linux',
  arch: 'x86_64',
  platforms: [{ id: 'debian', versions: '>=11' }],
  artifact: {
    sha256: 'a'.repeat(64),
    sizeBytes: 7,
    fileName: 'demo.tar.gz',
    kind: 'tar',
    object: { bucket: 'b', key: 'k' },
  },
  scripts: { install: 'echo install', uninstall: 'echo uninstall' },
  verify: [
    { kind: 'port', port: 80, withinMs: 1_000 },
    { kind: 'script', script: 'true', withinMs: 2_000 },
  ],
  run: { timeoutMs: 60_000, unpack: true, keepWorkspace: 'never', runAs: 'app' },
}
const version: StatedVersion = {
  extensionName: 'demo',
  type: 'Application',
  version: 3,
  versionDescription: 'third',
  scope: { platforms: [{ id: 'debian' }] },
  parameters: { port: { type: 'Number', min: 1, max: 65_535 } },
  configurations: [configuration],
}
const statement = makeVersionStatement(version, digest)

describe('the statement of a version', () => {
  it('has digests in place of scripts, and no place in a bucket', () => {
    const [signed] = statement.configurations
    expect(signed).toMatchObject({
      scripts: { install: 'sha256(echo install)', uninstall: 'sha256(echo uninstall)' },
      artifact: { sha256: 'a'.repeat(64), sizeBytes: 7, fileName: 'demo.tar.gz', kind: 'tar' },
    })
    expect(signed?.artifact).not.toHaveProperty('object')
    expect(signed?.verify[1]).toEqual({ kind: 'script', scriptSha256: 'sha256(true)', withinMs: 2_000 })
  })

  it('changes with every fact that decides what runs', () => {
    const changed: StatedVersion[] = [
      { ...version, extensionName: 'other' },
      { ...version, version: 2 },
      { ...version, scope: {} },
      { ...version, parameters: { port: { type: 'Number', min: 0, max: 65_535 } } },
      ...[
        { ...configuration, run: { ...configuration.run, runAs: 'root' } },
        { ...configuration, run: { ...configuration.run, workDir: '/root' } },
        { ...configuration, run: { ...configuration.run, timeoutMs: 1_000 } },
        { ...configuration, run: { ...configuration.run, allowRemovals: true } },
        { ...configuration, run: { ...configuration.run, signature: 'off' as const } },
        { ...configuration, scripts: { ...configuration.scripts, update: 'echo update' } },
        { ...configuration, scripts: { ...configuration.scripts, uninstall: 'echo other' } },
        { ...configuration, verify: [] },
        { ...configuration, arch: 'any' },
        { ...configuration, artifact: undefined },
      ].map((one) => ({ ...version, configurations: [one] })),
    ]
    const texts = changed.map((one) => JSON.stringify(makeVersionStatement(one, digest)))
    expect(new Set([...texts, JSON.stringify(statement)]).size).toBe(changed.length + 1)
  })
})

describe('the configuration that a statement describes', () => {
  it('takes from the server only the texts of scripts', () => {
    const hostile: Configuration = {
      ...configuration,
      arch: 'any',
      artifact: { ...configuration.artifact!, sha256: 'b'.repeat(64) },
      run: { ...configuration.run, runAs: undefined, workDir: '/etc' },
      scripts: { ...configuration.scripts, update: 'echo evil' },
    }
    const { object: _, ...artifact } = configuration.artifact!
    expect(applyStatement(statement, hostile, digest)).toEqual({
      configuration: { ...configuration, artifact, parameterTypes: { port: 'Number' } },
    })
  })

  it.each<[string, Pick<Configuration, 'id' | 'scripts' | 'verify'>]>([
    ['configuration c2', { ...configuration, id: 'c2' }],
    ['script install', { ...configuration, scripts: { ...configuration.scripts, install: 'echo evil' } }],
    ['script uninstall', { ...configuration, scripts: { install: 'echo install' } }],
    ['check 2', { ...configuration, verify: [configuration.verify[0]!] }],
    [
      'check 2',
      { ...configuration, verify: [configuration.verify[0]!, { kind: 'script', script: 'evil', withinMs: 2_000 }] },
    ],
  ])('names what differs: %s', (fault, delivered) => {
    const [part, which] = fault.split(' ')
    expect(applyStatement(statement, delivered, digest)).toEqual({ part, which })
  })
})
