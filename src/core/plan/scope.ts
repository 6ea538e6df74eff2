import type { Scope, ScopePlatform } from '../extension/extension.ts'
import type { Facts } from '../instance/facts.ts'
import { listPlatformRelatives, parseLikePlatform } from '../instance/platform-relatives.ts'
import { makeReason } from '../reason/reason.ts'
import { listFirst, type PlanMessage, type PlanReason } from './plan-reason.ts'
import { matchVersionRange, type VersionMiss, validateVersionRange } from './version-range.ts'

/** Whether a version is allowed on an instance, with every reason why not. */
export type ScopeMatch = { readonly allowed: true } | { readonly allowed: false; readonly reason: PlanReason }

/** The facts that a scope uses. */
export type ScopeFacts = Pick<Facts, 'os' | 'cloud'>

/**
 * Whether a version is allowed on an instance, and if not, every reason why (design §4):
 * `VersionBelow` with debian 10 and >=11, never just false. Each non-empty list must match; one
 * matching entry of a list is enough. Patterns may contain `*` and are case-insensitive;
 * `like:rhel` is rhel and every distribution that derives from it. An instance whose family or
 * image type is unknown is not allowed if the scope requires one.
 */
export function matchScope(scope: Scope, facts: ScopeFacts): ScopeMatch {
  const reason = [
    ...matchFamily(scope.instanceFamilies, facts.cloud?.instanceFamily),
    ...matchImageType(scope.imageTypes, facts.cloud?.imageType),
    ...matchPlatforms(scope.platforms, facts),
  ]
  return reason.length === 0 ? { allowed: true } : { allowed: false, reason }
}

/** The problems of a scope: the path within it, and a message. */
export function validateScope(
  scope: Scope,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  return (scope.platforms ?? []).flatMap(({ id, versions }, index) => {
    const reason = versions === undefined ? undefined : validateVersionRange(versions)
    return [
      ...validateLike(id, ['platforms', index, 'id']),
      ...(reason
        ? [{ path: ['platforms', index, 'versions'], message: `the version range "${versions}" ${reason}` }]
        : []),
    ]
  })
}

/** The problem of `like:` without the ID of a distribution, at a path. */
export function validateLike(
  id: string,
  path: readonly (string | number)[],
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  if (parseLikePlatform(id) !== '') return []
  return [{ path, message: 'like: needs the ID of a distribution, such as like:rhel' }]
}

/**
 * Whether a text matches a pattern; `*` matches any characters or none. Linear in both lengths
 * (only the last `*` is retried).
 */
export function matchScopeWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const last = rest.pop()
  const subject = text.toLowerCase()
  if (last === undefined) return subject === first
  if (!subject.startsWith(first)) return false
  let place = first.length
  for (const part of rest) {
    const found = subject.indexOf(part, place)
    if (found < 0) return false
    place = found + part.length
  }
  return subject.length - last.length >= place && subject.endsWith(last)
}

function matchFamily(patterns: readonly string[] = [], family = ''): PlanReason {
  if (matchesAny(patterns, family)) return []
  const names = listNames(patterns)
  return family === '' ? makeReason('FamilyUnknown', names) : makeReason('FamilyNotInScope', { family, ...names })
}

function matchImageType(patterns: readonly string[] = [], imageType = ''): PlanReason {
  if (matchesAny(patterns, imageType)) return []
  const names = listNames(patterns)
  return imageType === ''
    ? makeReason('ImageTypeUnknown', names)
    : makeReason('ImageTypeNotInScope', { imageType, ...names })
}

/** No pattern allows everything; an unknown value matches none. */
const matchesAny = (patterns: readonly string[], value: string) =>
  patterns.length === 0 || (value !== '' && patterns.some((pattern) => matchScopeWildcard(pattern, value)))

function matchPlatforms(platforms: readonly ScopePlatform[] = [], { os }: ScopeFacts): PlanReason {
  if (platforms.length === 0) return []
  const relatives = listPlatformRelatives(os)
  const candidates = platforms.filter(({ id }) => {
    const like = parseLikePlatform(id)
    if (like === undefined) return matchScopeWildcard(id, os.id)
    return relatives.some((relative) => matchScopeWildcard(like, relative))
  })
  if (candidates.length === 0) {
    const { id: platform, version } = os
    return makeReason('PlatformNotInScope', { platform, version, ...listNames(platforms.map(({ id }) => id)) })
  }
  const misses: VersionMiss[] = []
  for (const { versions } of candidates) {
    const match = versions === undefined ? { matches: true as const } : matchVersionRange(versions, os.version)
    if (match.matches) return []
    misses.push(...match.misses)
  }
  return explainMisses(os.id, misses)
}

/** Why the version of an instance is not in a range, or in none of several. */
export function explainMisses(platform: string, misses: readonly VersionMiss[]): PlanReason {
  const different = new Map(misses.map((miss) => [JSON.stringify(miss), miss])).values()
  return listFirst([...different]).first.map(
    ({ code, ...values }) => ({ code, arguments: { platform, ...values } }) as PlanMessage,
  )
}

function listNames(names: readonly string[]) {
  const { first, more } = listFirst([...new Set(names)])
  return { allowed: first, more }
}
