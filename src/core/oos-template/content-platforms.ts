import type { ScopePlatform } from '../extension/extension.ts'
import type { ConfigurationContent, ConstraintsContent, ContentProblem } from './package-content.ts'
import { parseOsVersion, platformIdOf, platformNameOf, renderOsVersion } from './platform-names.ts'

/** Platforms of a configuration; undefined: every platform of its OS. */
export function readConfigurationPlatforms({
  Platform,
  PlatformVersion,
  Platforms,
}: Pick<ConfigurationContent, 'Platform' | 'PlatformVersion' | 'Platforms'>):
  | { readonly platforms: readonly ScopePlatform[] | undefined }
  | { readonly problem: ContentProblem } {
  if (Platforms && (Platform || PlatformVersion))
    return {
      problem: { path: ['Platforms'], message: 'cannot be combined with Platform and PlatformVersion' },
    }
  if (Platforms) return { platforms: Platforms }
  const versions = readVersions(PlatformVersion)
  const named = (Platform ?? []).filter((name) => name !== '*')
  if (named.length === 0 && versions !== undefined)
    return { problem: { path: ['PlatformVersion'], message: 'requires Platform' } }
  if (named.length === 0 || named.length < (Platform ?? []).length) return { platforms: undefined }
  return { platforms: named.map((name) => ({ id: platformIdOf(name), ...(versions !== undefined && { versions }) })) }
}

/** Uses the terms of OOS if they are equivalent. */
export function renderConfigurationPlatforms(
  platforms: readonly ScopePlatform[] | undefined,
): Pick<ConfigurationContent, 'Platform' | 'PlatformVersion' | 'Platforms'> {
  if (!platforms?.length) return {}
  const versions = platforms[0]?.versions
  const content = {
    Platform: platforms.map(({ id }) => platformNameOf(id)),
    PlatformVersion: versions === undefined ? ['*'] : versions.split(' || '),
  }
  const read = readConfigurationPlatforms(content)
  return 'platforms' in read && read.platforms && areEqual(read.platforms, platforms)
    ? content
    : { Platforms: platforms }
}

/** One version must match; `*` matches all. */
function readVersions(versions: readonly string[] = []): string | undefined {
  const trimmed = versions.map((version) => version.trim())
  return trimmed.length === 0 || trimmed.includes('*') ? undefined : trimmed.join(' || ')
}

/**
 * Platforms of a scope. OSVersions narrow the platforms that they name and add those that
 * OSPlatforms lacks: `CentOS` and `Ubuntu` with `CentOS 7.9 64bit` allow CentOS 7.9 and every
 * Ubuntu (OOS does not document it; any other rule would make one of the lists useless).
 */
export function readScopePlatforms({
  OSPlatforms,
  OSVersions,
  Platforms,
}: ConstraintsContent):
  | { readonly platforms: readonly ScopePlatform[] | undefined }
  | { readonly problems: readonly ContentProblem[] } {
  if (Platforms && (OSPlatforms || OSVersions))
    return {
      problems: [{ path: ['Platforms'], message: 'cannot be combined with OSPlatforms and OSVersions' }],
    }
  if (Platforms) return { platforms: Platforms }
  if (!OSPlatforms && !OSVersions) return { platforms: undefined }
  const versions = (OSVersions ?? []).map(parseOsVersion)
  const problems = versions.flatMap((version, index) =>
    version
      ? []
      : [{ path: ['OSVersions', index], message: 'must be a platform and a version, such as "CentOS 7.9 64bit"' }],
  )
  if (problems.length > 0) return { problems }
  const narrowed = versions.filter((version) => version !== undefined)
  const platforms = (OSPlatforms ?? []).map((name): ScopePlatform => ({ id: platformIdOf(name) }))
  return {
    platforms: [...platforms.filter(({ id }) => !narrowed.some((version) => version.id === id)), ...narrowed],
  }
}

/** Uses the terms of OOS if they are equivalent. */
export function renderScopePlatforms(
  platforms: readonly ScopePlatform[] | undefined,
): Pick<ConstraintsContent, 'OSPlatforms' | 'OSVersions' | 'Platforms'> {
  if (platforms === undefined) return {}
  const content = {
    OSPlatforms: [...new Set(platforms.map(({ id }) => platformNameOf(id)))],
    OSVersions: platforms.flatMap(({ id, versions }) =>
      versions === undefined ? [] : [renderOsVersion(id, versions)],
    ),
  }
  const read = readScopePlatforms(content)
  return 'platforms' in read && areEqual(read.platforms ?? [], platforms) ? content : { Platforms: platforms }
}

const areEqual = (a: readonly ScopePlatform[], b: readonly ScopePlatform[]) =>
  a.length === b.length && a.every(({ id, versions }, index) => id === b[index]?.id && versions === b[index]?.versions)
