import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { artifactBucket, artifactObjectOf } from '../core/artifact/artifact-object.ts'
import {
  actions,
  artifactKinds,
  type Configuration,
  extensionTypes,
  type ParameterDeclaration,
  type ScopePlatform,
  signaturePolicies,
  type VerifyCheck,
} from '../core/extension/extension.ts'
import { osFamilies } from '../core/instance/facts.ts'
import { readPackageContent } from '../core/oos-template/read-package-content.ts'
import { type RenderedVersion, renderPackageContent } from '../core/oos-template/render-package-content.ts'
import { packageContentSchema } from './package-content.ts'

const text = fc.string({ unit: fc.constantFrom(...'aZ0 {}"\\\n:é包'), minLength: 1, maxLength: 12 })
const sha256 = fc.constantFrom('a', 'b', '0').map((digit) => digit.repeat(64))
const fileName = fc.constantFrom('demo.rpm', 'demo 1.0.tar.gz', 'setup', 'x.deb')

/** Without undefined fields: versions omit them. */
const record = <T extends object>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }, required: (keyof T)[] = []) =>
  fc.record(fields, { requiredKeys: required }) as fc.Arbitrary<T>

const platform: fc.Arbitrary<ScopePlatform> = record<ScopePlatform>(
  {
    id: fc.constantFrom('centos', 'CentOS', 'alinux', 'ubuntu', 'mydistro', 'windows', 'rhel', 'stream 8', 'cent*'),
    versions: fc.constantFrom('7.9', '7.*', '>=11 <13', '22.04 || 24.04', '15-SP4', '7.* ||8'),
  },
  ['id'],
)
const declaration: fc.Arbitrary<ParameterDeclaration> = fc.oneof(
  record<ParameterDeclaration>(
    {
      type: fc.constant('String'),
      description: text,
      default: text,
      allowedValues: fc.array(text, { minLength: 1, maxLength: 3 }),
      pattern: fc.constantFrom('^[a-z]+$', '.*'),
      minLength: fc.nat(9),
      maxLength: fc.nat(99),
      noEcho: fc.boolean(),
      actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
    },
    ['type'],
  ),
  record<ParameterDeclaration>(
    {
      type: fc.constant('Number'),
      default: fc.integer(),
      min: fc.integer(),
      max: fc.double({ min: 1, max: 9, noNaN: true }),
    },
    ['type'],
  ),
  record<ParameterDeclaration>({ type: fc.constant('Boolean'), default: fc.boolean() }, ['type']),
)
const withinMs = fc.nat(3_600_000)
const check: fc.Arbitrary<VerifyCheck> = fc.oneof(
  fc.record({ kind: fc.constant('port' as const), port: fc.integer({ min: 1, max: 65_535 }), withinMs }),
  fc.record({ kind: fc.constant('script' as const), script: text, withinMs }),
  fc.record({ kind: fc.constant('file' as const), path: text, sha256, withinMs }),
)
const object = fc.record({ bucket: fc.constantFrom('my-ext', 'other-1'), key: fileName.map((name) => `demo/${name}`) })
const configuration: fc.Arbitrary<Configuration> = record<Configuration>(
  {
    id: fc.constant('c1'),
    os: fc.constantFrom(...osFamilies),
    arch: fc.constantFrom('any', 'x86_64', 'arm64', 'aarch64'),
    platforms: fc.array(platform, { minLength: 1, maxLength: 4 }),
    artifact: fc.oneof(
      fc.record({ sha256, sizeBytes: fc.nat(), fileName, kind: fc.constantFrom(...artifactKinds) }),
      fc.record({ sha256, sizeBytes: fc.nat(), fileName, kind: fc.constantFrom(...artifactKinds), object }),
    ),
    scripts: record({ install: text, uninstall: text, update: text, output: text }),
    verify: fc.array(check, { maxLength: 3 }),
    run: record<Configuration['run']>(
      {
        runAs: fc.constant('demo'),
        workDir: fc.constant('/opt/demo'),
        timeoutMs: fc.integer({ min: 1_000, max: 86_400_000 }),
        unpack: fc.boolean(),
        keepWorkspace: fc.constantFrom('never', 'onFailure'),
        allowRemovals: fc.boolean(),
        signature: fc.constantFrom(...signaturePolicies),
      },
      ['timeoutMs', 'unpack', 'keepWorkspace'],
    ),
  },
  ['id', 'os', 'arch', 'scripts', 'verify', 'run'],
)
const version: fc.Arbitrary<RenderedVersion> = fc.record({
  type: fc.constantFrom(...extensionTypes),
  description: fc.oneof(fc.constant(''), text),
  scope: record<RenderedVersion['scope']>({
    instanceFamilies: fc.array(text, { maxLength: 2 }),
    imageTypes: fc.array(fc.constantFrom('system', 'self'), { maxLength: 2 }),
    platforms: fc.array(platform, { maxLength: 4 }),
  }),
  parameters: fc.dictionary(fc.constantFrom('port', 'my_token', 'constructor', 'toString'), declaration),
  configurations: fc.array(configuration, { minLength: 1, maxLength: 3 }),
})

function read(content: unknown) {
  const checked = packageContentSchema.safeParse(content)
  return checked.success ? readPackageContent(checked.data) : { problems: checked.error.issues }
}

test('a version that is rendered, sent as JSON and parsed is the same version', () => {
  fc.assert(
    fc.property(version, (original) => {
      const result = read(JSON.parse(JSON.stringify(renderPackageContent(original))))
      expect('problems' in result ? result.problems : []).toEqual([])
      expect('version' in result && result.version).toEqual({
        ...original,
        // Ids are list positions, and sizes follow from the bytes.
        configurations: original.configurations.map(({ id: _, artifact, ...rest }) => {
          const { sizeBytes: __, ...named } = artifact ?? {}
          return { ...rest, ...(artifact && { artifact: named }) }
        }),
      })
    }),
    { numRuns: 500 },
  )
})

const entry = { OSType: 'linux', Architecture: 'x86_64', InstallScript: 'true' }
const content = (fields: object = {}) => ({ FormatVersion: 'OOS-2019-06-01-Package', Packages: [entry], ...fields })
const packages = (fields: object) => content({ Packages: [{ ...entry, ...fields }] })
const versionOf = (value: unknown) => {
  const result = read(value)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.version
}

test('the example of the reference is accepted', () => {
  const example = {
    FormatVersion: 'OOS-2019-06-01-Package',
    Description: { en: 'Demo service', 'zh-cn': '演示', 'name-en': 'demo', categories: ['agent'] },
    Parameters: {
      port: { Type: 'Number', Default: 8080, Description: { en: 'Listen port' }, MinValue: 1, MaxValue: 65_535 },
    },
    Constraints: {
      InstanceTypeFamilies: ['ecs.g7'],
      ImageTypes: ['system', 'self'],
      OSPlatforms: ['CentOS', 'Ubuntu'],
      OSVersions: [],
    },
    Packages: [
      {
        OSType: 'linux',
        Platform: ['CentOS', 'Alibaba Cloud Linux'],
        PlatformVersion: ['*'],
        Architecture: 'x86_64',
        BucketName: 'my-ext-hz',
        ObjectName: 'demo/demo-1.0.0.x86_64.rpm',
        InstallScript: '#!/bin/bash\ntrue',
        UninstallScript: '#!/bin/bash\ntrue',
        OutputScript: '',
      },
    ],
  }
  expect(versionOf(example)).toEqual({
    type: 'Agent',
    description: 'Demo service',
    scope: {
      instanceFamilies: ['ecs.g7'],
      imageTypes: ['system', 'self'],
      platforms: [{ id: 'centos' }, { id: 'ubuntu' }],
    },
    parameters: { port: { type: 'Number', default: 8080, description: 'Listen port', min: 1, max: 65_535 } },
    configurations: [
      {
        os: 'linux',
        arch: 'x86_64',
        platforms: [{ id: 'centos' }, { id: 'alinux' }],
        artifact: {
          object: { bucket: 'my-ext-hz', key: 'demo/demo-1.0.0.x86_64.rpm' },
          fileName: 'demo-1.0.0.x86_64.rpm',
          kind: 'rpm',
        },
        scripts: { install: '#!/bin/bash\ntrue', uninstall: '#!/bin/bash\ntrue' },
        verify: [],
        run: { timeoutMs: 7_200_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
})

describe('platforms', () => {
  test.each([
    [
      { OSPlatforms: ['CentOS', 'Ubuntu'], OSVersions: ['CentOS  7.9 64bit'] },
      [{ id: 'ubuntu' }, { id: 'centos', versions: '7.9' }],
    ],
    [{ OSVersions: ['CentOS7.9 64bit'] }, [{ id: 'centos', versions: '7.9' }]],
    [{ OSVersions: ['Alibaba Cloud Linux 3.2104 LTS 64bit'] }, [{ id: 'alinux', versions: '3.2104' }]],
    [{ OSVersions: ['Windows Server 2022 Datacenter 64bit English'] }, [{ id: 'windows', versions: '2022' }]],
    [{ OSVersions: ['CentOS Stream 9 64bit'] }, [{ id: 'centos', versions: '9' }]],
  ])('the constraints %j', (Constraints, platforms) =>
    expect(versionOf(content({ Constraints })).scope.platforms).toEqual(platforms),
  )

  test.each([
    [{ Platform: 'centos', PlatformVersion: ['7.*', '8'] }, [{ id: 'centos', versions: '7.* || 8' }]],
    [{ Platform: ['UBUNTU'], PlatformVersion: '22.04' }, [{ id: 'ubuntu', versions: '22.04' }]],
    [{ Platform: ['CentOS', '*'] }, undefined],
    [{ Platform: '*', PlatformVersion: '*' }, undefined],
  ])('the configuration %j', (fields, platforms) =>
    expect(versionOf(packages(fields)).configurations[0]?.platforms).toEqual(platforms),
  )

  test('a configuration without OSType applies to the OS of its platforms', () => {
    const osOf = (Platform: string[]) =>
      versionOf(content({ Packages: [{ Platform, InstallScript: 'x' }] })).configurations[0]?.os
    expect(osOf(['Windows Server'])).toBe('windows')
    expect(osOf(['CentOS'])).toBe('linux')
  })
})

test.each(['Package', 'Configurations'])('the list of configurations may be called %s', (name) => {
  const { Packages, ...rest } = content()
  expect(versionOf({ ...rest, [name]: Packages })).toEqual(versionOf(content()))
})

test('a key of the built-in bucket names the artifact itself', () => {
  const named = { sha256: 'a'.repeat(64), fileName: 'demo.deb', kind: 'deb' as const }
  const { bucket, key } = artifactObjectOf(named)
  expect(versionOf(packages({ BucketName: bucket, ObjectName: key })).configurations[0]?.artifact).toEqual(named)
})

test.each([
  ['no object', [], []],
  ['no FormatVersion', { Packages: [entry] }, ['FormatVersion']],
  ['no configuration', content({ Packages: [] }), ['Packages']],
  ['two lists of configurations', content({ Package: [entry] }), []],
  ['an unknown key', content({ Tasks: [] }), []],
  ['a List parameter', content({ Parameters: { a: { Type: 'List' } } }), ['Parameters', 'a', 'Type']],
  [
    'a version that YAML took for a number',
    packages({ Platform: 'Ubuntu', PlatformVersion: [22.1] }),
    ['Packages', 0, 'PlatformVersion', 0],
  ],
  ['a version of no platform', packages({ PlatformVersion: '7.9' }), ['Packages', 0, 'PlatformVersion']],
  [
    'two ways of saying platforms',
    packages({ Platform: 'Ubuntu', Platforms: [{ id: 'ubuntu' }] }),
    ['Packages', 0, 'Platforms'],
  ],
  ['another system', packages({ OSType: 'plan9' }), ['Packages', 0, 'OSType']],
  ['a bucket without an object', packages({ BucketName: 'my-ext' }), ['Packages', 0, 'ObjectName']],
  ['an object without a bucket', packages({ ObjectName: 'demo.rpm' }), ['Packages', 0, 'BucketName']],
  ['a folder for an object', packages({ BucketName: 'my-ext', ObjectName: 'demo/' }), ['Packages', 0, 'ObjectName']],
  [
    'a foreign key of the built-in bucket',
    packages({ BucketName: artifactBucket, ObjectName: 'demo.rpm' }),
    ['Packages', 0, 'ObjectName'],
  ],
  [
    'a version of a scope without a number',
    content({ Constraints: { OSVersions: ['CentOS 64bit'] } }),
    ['Constraints', 'OSVersions', 0],
  ],
])('%s is refused with its place', (_, value, path) => {
  const result = read(value)
  expect('problems' in result && result.problems.map((problem) => problem.path)).toContainEqual(path)
})
