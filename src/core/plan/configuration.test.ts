import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeFacts } from '../../../test/make-instance.ts'
import type { ScopePlatform } from '../extension/extension.ts'
import { normalizeArch } from '../instance/arch.ts'
import type { Facts, OsFamily } from '../instance/facts.ts'
import { listPlatformRelatives } from '../instance/platform-relatives.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import {
  type ChosenConfiguration,
  findAmbiguousConfigurations,
  findConfiguration,
  renderAmbiguousExample,
  validatePlatforms,
} from './configuration.ts'

const linux = (id: string, arch: string, ...platforms: ScopePlatform[]): ChosenConfiguration => ({
  id,
  os: 'linux',
  arch,
  ...(platforms.length && { platforms }),
})
const debian: ScopePlatform = { id: 'debian' }
const debian11: ScopePlatform = { id: 'debian', versions: '>=11' }
const facts = (os: Partial<Facts['os']> = {}) => makeFacts({ os })

describe('findConfiguration', () => {
  test.each<[string, ChosenConfiguration[], Partial<Facts['os']>, string]>([
    ['the only one', [linux('c1', 'any')], {}, 'c1'],
    ['a named architecture before any', [linux('c1', 'any'), linux('c2', 'x86_64')], {}, 'c2'],
    ['an architecture by its other name', [linux('c1', 'any'), linux('c2', 'AMD64')], {}, 'c2'],
    ['a platform before the OS', [linux('c1', 'x86_64'), linux('c2', 'any', debian)], {}, 'c2'],
    ['a version before a platform', [linux('c1', 'x86_64', debian), linux('c2', 'any', debian11)], {}, 'c2'],
    [
      'the platform where the version does not fit',
      [linux('c1', 'any', debian), linux('c2', 'any', debian11)],
      { version: '10' },
      'c1',
    ],
    ['the best of its own platforms', [linux('c1', 'any', debian), linux('c2', 'any', debian, debian11)], {}, 'c2'],
    ['the OS for other platforms', [linux('c1', 'any', debian), linux('c2', 'any')], { id: 'alpine' }, 'c2'],
    [
      'a distribution by those that it derives from',
      [linux('c1', 'any'), linux('c2', 'any', { id: 'like:rhel' }), linux('c3', 'any', { id: 'like:debian' })],
      { id: 'rocky', idLike: ['rhel', 'centos', 'fedora'], version: '9.4' },
      'c2',
    ],
    [
      'the distribution itself before those like it',
      [linux('c1', 'any', { id: 'like:rhel' }), linux('c2', 'any', { id: 'rocky' })],
      { id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] },
      'c2',
    ],
    [
      'the closest of several relatives',
      [linux('c1', 'any', { id: 'like:fedora', versions: '>=1' }), linux('c2', 'any', { id: 'LIKE:Rhel' })],
      { id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] },
      'c2',
    ],
    [
      'a relative in a version',
      [linux('c1', 'any', { id: 'like:rhel' }), linux('c2', 'any', { id: 'like:rhel', versions: '9.*' })],
      { id: 'ol', idLike: ['fedora'], version: '9.4' },
      'c2',
    ],
    [
      'a relative of an instance whose agent does not report ID_LIKE',
      [linux('c1', 'any'), linux('c2', 'any', { id: 'like:suse' })],
      { id: 'opensuse-leap', version: '15.6' },
      'c2',
    ],
    ['arm64 for aarch64', [linux('c1', 'arm64')], { arch: 'aarch64' }, 'c1'],
  ])('chooses %s', (_, configurations, os, id) => {
    for (const order of [configurations, configurations.toReversed()]) {
      expect(findConfiguration(order, facts(os))).toEqual({
        configuration: configurations.find((configuration) => configuration.id === id),
      })
    }
  })

  test('explains for every configuration why it does not fit', () => {
    const configurations: ChosenConfiguration[] = [
      { id: 'c1', os: 'windows', arch: 'any' },
      linux('c2', 'arm64'),
      linux('c3', 'any', { id: 'ubuntu' }, { id: 'debian', versions: '>=13' }),
    ]
    const choice = findConfiguration(configurations, facts())
    expect(choice).toEqual({
      configuration: undefined,
      reason: [
        { code: 'ConfigurationNeedsOs', arguments: { configuration: 'c1', os: 'windows', instanceOs: 'linux' } },
        {
          code: 'ConfigurationNeedsArch',
          arguments: { configuration: 'c2', os: 'linux', arch: 'arm64', instanceArch: 'x86_64' },
        },
        {
          code: 'ConfigurationNeedsPlatform',
          arguments: { configuration: 'c3', platform: 'ubuntu', instancePlatform: 'debian' },
        },
        {
          code: 'ConfigurationNeedsVersion',
          arguments: { configuration: 'c3', platform: 'debian', range: '>=13' },
        },
        { code: 'VersionBelow', arguments: { platform: 'debian', version: '12', range: '>=13' } },
      ],
    })
    expect(renderEnglishReason('reason' in choice ? choice.reason : [])).toBe(
      'c1 is for windows, not linux; c2 is for linux arm64, not x86_64; c3 is for ubuntu, not debian; ' +
        'c3 is for debian >=13: debian 12 is below >=13',
    )
    expect(findConfiguration([], facts())).toEqual({
      configuration: undefined,
      reason: [{ code: 'NoConfigurations', arguments: {} }],
    })
  })

  test('lists the first configurations of many that do not fit, and counts the others', () => {
    const choice = findConfiguration(
      Array.from({ length: 64 }, (_, index) => linux(`c${index}`, 'arm64')),
      facts(),
    )
    const reason = 'reason' in choice ? choice.reason : []
    expect(reason.length).toBeLessThan(20)
    expect(reason.at(-1)).toEqual({ code: 'MoreMisfits', arguments: { count: 64 - (reason.length - 1) } })
  })
})

describe('findAmbiguousConfigurations', () => {
  const windows: ChosenConfiguration = { id: 'c2', os: 'windows', arch: 'any' }

  test.each<[string, ChosenConfiguration[]]>([
    ['other systems', [linux('c1', 'any'), windows]],
    ['other architectures', [linux('c1', 'x86_64'), linux('c2', 'arm64'), linux('c3', 'any')]],
    ['other platforms', [linux('c1', 'any', debian), linux('c2', 'any', { id: 'ubuntu' })]],
    ['a platform and a version of it', [linux('c1', 'any', debian), linux('c2', 'any', debian11)]],
    [
      'ranges that touch but do not meet',
      [linux('c1', 'any', { id: 'debian', versions: '<11' }), linux('c2', 'any', debian11)],
    ],
    [
      'prefixes apart',
      [
        linux('c1', 'any', { id: 'centos', versions: '7.*' }),
        linux('c2', 'any', { id: 'centos', versions: '8.* || 9.*' }),
      ],
    ],
    [
      'a more specific configuration with the same platform',
      [linux('c1', 'any', debian, debian11), linux('c2', 'any', { id: 'debian', versions: '<11' })],
    ],
    ['a platform and those like it', [linux('c1', 'any', debian), linux('c2', 'any', { id: 'like:debian' })]],
    [
      'two relatives of one platform',
      [linux('c1', 'any', { id: 'like:rhel' }), linux('c2', 'any', { id: 'like:fedora' })],
    ],
    ['the architectures any and x86_64', [linux('c1', 'any', debian), linux('c2', 'x86_64', debian)]],
  ])('accepts %s', (_, configurations) => {
    expect(findAmbiguousConfigurations(configurations)).toEqual([])
  })

  test.each<[string, ChosenConfiguration[], string]>([
    ['the same twice', [linux('c1', 'any'), linux('c2', 'any')], 'linux, debian, x86_64'],
    ['the same architecture by two names', [linux('c1', 'amd64'), linux('c2', 'x86_64')], 'linux, debian, x86_64'],
    [
      'the same platform in two spellings',
      [linux('c1', 'arm64', debian), linux('c2', 'aarch64', { id: 'Debian' })],
      'linux, debian, arm64',
    ],
    [
      'ranges that meet',
      [linux('c1', 'any', debian11), linux('c2', 'any', { id: 'debian', versions: '<13' })],
      'linux, debian 11, x86_64',
    ],
    [
      'one of several platforms',
      [linux('c1', 'any', { id: 'ubuntu' }, debian), linux('c2', 'any', { id: 'fedora' }, debian)],
      'linux, debian, x86_64',
    ],
    [
      'the rest that further configurations do not cover',
      [linux('c1', 'any'), linux('c2', 'any'), linux('c3', 'x86_64'), linux('c4', 'any', debian)],
      'linux, ubuntu, arm64',
    ],
    [
      'the same relative twice',
      [
        linux('c1', 'any', { id: 'like:rhel', versions: '>=8' }),
        linux('c2', 'any', { id: 'like:RHEL', versions: '<=9' }),
      ],
      'linux, a platform like rhel 8, x86_64',
    ],
    [
      'a rest without those like a distribution',
      [linux('c1', 'any'), linux('c2', 'any'), linux('c3', 'any', { id: 'like:debian' })],
      'linux, centos, x86_64',
    ],
    [
      'an unversioned rest',
      [linux('c1', 'any', debian, debian11), linux('c2', 'any', debian)],
      'linux, debian, x86_64',
    ],
  ])('reports %s', (_, configurations, example) => {
    const [pair, ...others] = findAmbiguousConfigurations(configurations)
    expect(others).toEqual([])
    expect(pair).toMatchObject({ first: 'c1', second: 'c2' })
    expect(pair && renderAmbiguousExample(pair.example)).toBe(example)
  })
})

test('validatePlatforms names invalid ranges and patterns', () => {
  expect(validatePlatforms([debian11, { id: 'deb*', versions: '>=2 <1' }])).toEqual([
    { path: [1, 'id'], message: expect.stringContaining('wildcards') },
    { path: [1, 'versions'], message: expect.stringContaining('can never match') },
  ])
  expect(validatePlatforms([{ id: 'like: ' }])).toEqual([
    { path: [0, 'id'], message: 'like: needs the ID of a distribution, such as like:rhel' },
  ])
  expect(validatePlatforms(undefined)).toEqual([])
})

test('normalizeArch knows only its own values', () => {
  expect(['AArch64', 'amd64', 'any', 'constructor', 'riscv64'].map(normalizeArch)).toEqual([
    'arm64',
    'x86_64',
    'any',
    'constructor',
    'riscv64',
  ])
})

describe('properties', () => {
  const version = fc.constantFrom('', '7', '7.9', '8', '10', '11', '11.5', '12', '13', '22.04')
  const versions = fc.constantFrom('7.*', '8', '>=11', '<11', '>=11 <13', '>12', '12 || 7.*', '<=7', '>11.9', '22.4')
  const id = fc.constantFrom('debian', 'ubuntu', 'Debian', 'like:debian', 'like:rhel', 'like:ubuntu')
  const platform: fc.Arbitrary<ScopePlatform> = fc.oneof(fc.record({ id }), fc.record({ id, versions }))
  const family = fc.constantFrom<OsFamily>('linux', 'linux', 'linux', 'windows')
  const arch = fc.constantFrom('any', 'x86_64', 'amd64', 'arm64')
  const configuration = fc.oneof(
    fc.record({ os: family, arch }),
    fc.record({ os: family, arch, platforms: fc.array(platform, { minLength: 1, maxLength: 3 }) }),
  )
  const configurations = fc
    .array(configuration, { minLength: 1, maxLength: 5 })
    .map((all) => all.map((one, index): ChosenConfiguration => ({ id: `c${index + 1}`, ...one })))
  const os = fc.record({
    family,
    id: fc.constantFrom('debian', 'ubuntu', 'alpine', 'mint'),
    idLike: fc.constantFrom([], ['debian'], ['ubuntu', 'debian'], ['debian', 'rhel']),
    version,
    arch: fc.constantFrom('x86_64', 'arm64', 'riscv64'),
  })
  const runs = { numRuns: 5_000 }

  /**
   * A naive second implementation: how specific a configuration is for an instance, or undefined if
   * it does not fit.
   */
  const rankOf = (one: ChosenConfiguration, candidate: Partial<Facts['os']>) => {
    const fits = (configuration: ChosenConfiguration) =>
      findConfiguration([configuration], facts(candidate)).configuration !== undefined
    if (!fits(one)) return undefined
    const relatives = listPlatformRelatives(facts(candidate).os)
    const ranks = (one.platforms ?? [])
      .filter((only) => fits({ ...one, platforms: [only] }))
      .map(({ id: name, versions: range }) => {
        const [, like] = name.toLowerCase().split(':')
        const distance = like === undefined ? 0 : 1 + relatives.indexOf(like)
        return 100 - 10 * distance + (range === undefined ? 2 : 4)
      })
    return Math.max(0, ...ranks) + (one.arch === 'any' ? 0 : 1)
  }
  const findBest = (all: readonly ChosenConfiguration[], candidate: Partial<Facts['os']>) => {
    const ranks = all.map((one) => rankOf(one, candidate) ?? -1)
    const best = Math.max(...ranks)
    return best < 0 ? [] : all.filter((_, index) => ranks[index] === best)
  }

  test('without ambiguity at most one most specific configuration fits any instance, and it is the chosen one', () => {
    fc.assert(
      fc.property(configurations, fc.array(os, { minLength: 5, maxLength: 20 }), (all, candidates) => {
        const ambiguous = findAmbiguousConfigurations(all).length > 0
        for (const candidate of candidates) {
          const best = findBest(all, candidate)
          if (!ambiguous) expect(best.length).toBeLessThanOrEqual(1)
          const chosen = findConfiguration(all, facts(candidate)).configuration
          if (best.length === 0) expect(chosen).toBeUndefined()
          else expect(best).toContain(chosen)
        }
      }),
      runs,
    )
  })

  test('every example is true: both named configurations are among the most specific that fit it', () => {
    fc.assert(
      fc.property(configurations, (all) => {
        for (const { first, second, example } of findAmbiguousConfigurations(all)) {
          const { os: family, platform: id, like, ...rest } = example
          const idLike = like === undefined ? [] : [like]
          const best = findBest(all, { family, id, idLike, ...rest }).map((one) => one.id)
          expect(best).toContain(first)
          expect(best).toContain(second)
        }
      }),
      runs,
    )
  })
})
