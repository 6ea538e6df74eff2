import type { Configuration, ScopePlatform } from '../extension/extension.ts'
import { normalizeArch } from '../instance/arch.ts'
import type { Facts, OsFamily } from '../instance/facts.ts'
import { listPlatformRelatives, parseLikePlatform } from '../instance/platform-relatives.ts'
import { makeReason } from '../reason/reason.ts'
import { listFirst, type PlanReason } from './plan-reason.ts'
import { explainMisses, validateLike } from './scope.ts'
import { findCommonVersion, matchVersionRange, validateVersionRange } from './version-range.ts'

/** The fields that determine which configuration is chosen. */
export type ChosenConfiguration = Pick<Configuration, 'id' | 'os' | 'arch' | 'platforms'>

/** The facts that determine the configuration. */
export type ConfigurationFacts = Pick<Facts, 'os'>

/** The chosen configuration, or why each one does not fit. */
export type ConfigurationChoice<R extends ChosenConfiguration = Configuration> =
  | { readonly configuration: R }
  | { readonly configuration: undefined; readonly reason: PlanReason }

/**
 * An instance that two configurations fit equally well. `version` is empty if it may be any, or
 * absent.
 */
export interface AmbiguousExample {
  readonly os: OsFamily
  readonly platform: string
  readonly version: string
  readonly arch: string
  /** The platform derives from this distribution (`like:` in both configurations). */
  readonly like?: string | undefined
}

/** Two configurations that fit the same instance equally well. */
export interface AmbiguousPair {
  readonly first: string
  readonly second: string
  readonly example: AmbiguousExample
}

/**
 * The configuration for an instance, or why each configuration does not fit (design §4). OS and
 * architecture must fit. The most specific wins: a platform with a version, before a platform,
 * before a distribution that the platform derives from (`like:rhel`, the closest first, with a
 * version before without), before the OS alone; among equals a named architecture before `any`.
 */
export function findConfiguration<R extends ChosenConfiguration>(
  configurations: readonly R[],
  facts: ConfigurationFacts,
): ConfigurationChoice<R> {
  if (configurations.length === 0) return { configuration: undefined, reason: makeReason('NoConfigurations') }
  let best: { configuration: R; rank: number } | undefined
  const misfits: PlanReason[] = []
  for (const configuration of configurations) {
    const fit = fitOf(configuration, facts)
    if ('misfits' in fit) misfits.push(...fit.misfits)
    else if (!best || fit.rank > best.rank) best = { configuration, rank: fit.rank }
  }
  if (best) return { configuration: best.configuration }
  const { first, more } = listFirst(misfits, maxMisfits)
  const reason = [...first.flat(), ...(more === 0 ? [] : makeReason('MoreMisfits', { count: more }))]
  return { configuration: undefined, reason }
}

/** A version has up to 64 configurations, each for many platforms; every target keeps its reason. */
const maxMisfits = 12

/**
 * Pairs of configurations that fit some instance equally well, so that none is preferred (design
 * §4: an error when the version is created). Exact: a pair is returned if and only if there is such
 * an instance, and the example is one, whatever other configurations exist: its platform, version
 * and architecture are chosen so that no third, more specific configuration fits it.
 */
export function findAmbiguousConfigurations(configurations: readonly ChosenConfiguration[]): AmbiguousPair[] {
  const pairs: AmbiguousPair[] = []
  configurations.forEach((first, index) => {
    for (const second of configurations.slice(index + 1)) {
      const example = findAmbiguousExample(first, second, configurations)
      if (example) pairs.push({ first: first.id, second: second.id, example })
    }
  })
  return pairs
}

/** Such as `linux, debian 12, x86_64` or `linux, a platform like rhel 9, x86_64`. */
export const renderAmbiguousExample = ({ os, platform, version, arch, like }: AmbiguousExample) => {
  const name = like === undefined ? platform : `a platform like ${like}`
  return [os, [name, version].filter(Boolean).join(' '), arch].join(', ')
}

/** The problems of a configuration's platforms: the path within it, and a message. */
export function validatePlatforms(
  platforms: readonly ScopePlatform[] = [],
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  return platforms.flatMap(({ id, versions }, index) => {
    const range = versions === undefined ? undefined : validateVersionRange(versions)
    return [
      ...(id.includes('*')
        ? [
            {
              path: [index, 'id'],
              message: 'wildcards are allowed only in the scope; list the platforms of a configuration in full',
            },
          ]
        : []),
      ...validateLike(id, [index, 'id']),
      ...(range ? [{ path: [index, 'versions'], message: `the version range "${versions}" ${range}` }] : []),
    ]
  })
}

type Fit = { readonly rank: number } | { readonly misfits: readonly PlanReason[] }

function fitOf(configuration: ChosenConfiguration, { os: instance }: ConfigurationFacts): Fit {
  const { id, os, platforms = [] } = configuration
  if (os !== instance.family) {
    const values = { configuration: id, os, instanceOs: instance.family }
    return { misfits: [makeReason('ConfigurationNeedsOs', values)] }
  }
  const arch = normalizeArch(configuration.arch)
  if (arch !== 'any' && arch !== normalizeArch(instance.arch)) {
    const values = { configuration: id, os, arch, instanceArch: instance.arch }
    return { misfits: [makeReason('ConfigurationNeedsArch', values)] }
  }
  const archRank = arch === 'any' ? 0 : 1
  if (platforms.length === 0) return { rank: archRank }
  const fits = platforms.map((platform) => fitOfPlatform(id, platform, instance))
  const ranks = fits.flatMap((fit) => ('rank' in fit ? fit.rank : []))
  if (ranks.length > 0) return { rank: Math.max(...ranks) * 2 + archRank }
  return { misfits: fits.flatMap((fit) => ('misfits' in fit ? fit.misfits : [])) }
}

/** Above the rank of every relative of a platform. */
const ownRank = 1_000

function fitOfPlatform(configuration: string, { id: platform, versions: range }: ScopePlatform, os: Facts['os']): Fit {
  const distance = findDistance(platform, os)
  if (distance === undefined) {
    const values = { configuration, platform, instancePlatform: os.id }
    return { misfits: [makeReason('ConfigurationNeedsPlatform', values)] }
  }
  const rank = 2 * (ownRank - distance)
  if (range === undefined) return { rank }
  const match = matchVersionRange(range, os.version)
  if (match.matches) return { rank: rank + 1 }
  const needed = makeReason('ConfigurationNeedsVersion', { configuration, platform, range })
  return { misfits: [[...needed, ...explainMisses(os.id, match.misses)]] }
}

/**
 * 0 for the platform itself, and from 1 on for `like:`, with the closest relative first; undefined
 * if it is another platform.
 */
function findDistance(id: string, os: Facts['os']): number | undefined {
  const like = parseLikePlatform(id)
  if (like === undefined) return id.toLowerCase() === os.id.toLowerCase() ? 0 : undefined
  const place = listPlatformRelatives(os).indexOf(like)
  return place === -1 ? undefined : Math.min(place + 1, ownRank - 1)
}

function findAmbiguousExample(
  first: ChosenConfiguration,
  second: ChosenConfiguration,
  all: readonly ChosenConfiguration[],
): AmbiguousExample | undefined {
  const arch = normalizeArch(first.arch)
  // Equally specific: both name the architecture, and then the same one, or both accept any.
  if (first.os !== second.os || arch !== normalizeArch(second.arch)) return undefined
  const platform = findCommonPlatform(first, second, all)
  if (!platform) return undefined
  return {
    os: first.os,
    ...platform,
    arch:
      arch === 'any'
        ? findUnnamed(
            archExamples,
            all.map((configuration) => normalizeArch(configuration.arch)),
          )
        : arch,
  }
}

function findCommonPlatform(
  first: ChosenConfiguration,
  second: ChosenConfiguration,
  all: readonly ChosenConfiguration[],
): Pick<AmbiguousExample, 'platform' | 'version' | 'like'> | undefined {
  const ids = all.flatMap(({ platforms }) => platforms ?? []).map(({ id }) => id.toLowerCase())
  const likes = ids.flatMap((id) => parseLikePlatform(id) ?? [])
  const derivesFromNone = (id: string) => !listPlatformRelatives({ id }).some((name) => likes.includes(name))
  const unnamed = () => findUnnamed(platformExamples[first.os].filter(derivesFromNone), [...ids, ...likes])
  if (!first.platforms?.length && !second.platforms?.length) return { platform: unnamed(), version: '' }
  for (const a of first.platforms ?? []) {
    for (const b of second.platforms ?? []) {
      if (a.id.toLowerCase() !== b.id.toLowerCase()) continue
      if ((a.versions === undefined) !== (b.versions === undefined)) continue
      // Without a version no configuration with a range fits, so both are at their most specific.
      const version =
        a.versions === undefined || b.versions === undefined ? '' : findCommonVersion(a.versions, b.versions)
      if (version === undefined) continue
      const like = parseLikePlatform(a.id)
      return like === undefined ? { platform: a.id, version } : { platform: unnamed(), version, like }
    }
  }
  return undefined
}

const archExamples = ['x86_64', 'arm64', 'riscv64', 'ppc64le', 's390x', 'loongarch64']
const platformExamples: Readonly<Record<OsFamily, readonly string[]>> = {
  linux: ['debian', 'ubuntu', 'centos', 'alinux', 'fedora', 'alpine'],
  windows: ['windows'],
}

/** A value that is not among the named ones, a well-known one if possible. */
function findUnnamed(examples: readonly string[], named: readonly string[]): string {
  const known = examples.find((example) => !named.includes(example))
  if (known !== undefined) return known
  for (let number = 1; ; number++) if (!named.includes(`other${number}`)) return `other${number}`
}
