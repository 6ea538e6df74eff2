import type { Scope, ScopePlatform } from '../extension/extension.ts'
import type { Facts } from '../instance/facts.ts'
import { listPlatformRelatives, parseLikePlatform } from '../instance/platform-relatives.ts'
import { matchVersionRange, validateVersionRange } from './version-range.ts'

/** Whether a version is allowed on an instance, with every reason why not. */
export type ScopeMatch = { readonly allowed: true } | { readonly allowed: false; readonly reasons: readonly string[] }

/** The facts that a scope uses. */
export type ScopeFacts = Pick<Facts, 'os' | 'cloud'>

/**
 * Whether a version is allowed on an instance, and if not, every reason why (design §4): "debian 10
 * is below >=11", never just false. Each non-empty list must match; one matching entry of a list is
 * enough. Patterns may contain `*` and are case-insensitive; `like:rhel` is rhel and every
 * distribution that derives from it. An instance whose family or image type
 * is unknown is not allowed if the scope requires one.
 */
export function matchScope(scope: Scope, facts: ScopeFacts): ScopeMatch {
  const reasons = [
    matchWildcards('instance family', scope.instanceFamilies, facts.cloud?.instanceFamily),
    matchWildcards('image type', scope.imageTypes, facts.cloud?.imageType),
    matchPlatforms(scope.platforms, facts),
  ].filter((reason) => reason !== undefined)
  return reasons.length === 0 ? { allowed: true } : { allowed: false, reasons }
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

/** `debian 12`, or `arch` without a version. */
export const renderPlatform = (os: Pick<Facts['os'], 'id' | 'version'>) =>
  [os.id || 'an unknown platform', os.version].filter(Boolean).join(' ')

function matchWildcards(
  word: string,
  patterns: readonly string[] | undefined,
  value: string | undefined,
): string | undefined {
  if (!patterns?.length) return undefined
  if (!value) return `its ${word} is unknown (no cloud metadata), and the scope requires ${renderChoices(patterns)}`
  if (patterns.some((pattern) => matchScopeWildcard(pattern, value))) return undefined
  return `${word} ${value} is not ${renderChoices(patterns)}`
}

function matchPlatforms(platforms: readonly ScopePlatform[] | undefined, { os }: ScopeFacts): string | undefined {
  if (!platforms?.length) return undefined
  const relatives = listPlatformRelatives(os)
  const candidates = platforms.filter(({ id }) => {
    const like = parseLikePlatform(id)
    if (like === undefined) return matchScopeWildcard(id, os.id)
    return relatives.some((relative) => matchScopeWildcard(like, relative))
  })
  if (candidates.length === 0) return `${renderPlatform(os)} is not ${renderChoices(platforms.map(({ id }) => id))}`
  const reasons = new Set<string>()
  for (const { versions } of candidates) {
    const match = versions === undefined ? { matches: true as const } : matchVersionRange(versions, os.version)
    if (match.matches) return undefined
    reasons.add(match.reason)
  }
  return `${os.id} ${renderList([...reasons], ' and ')}`
}

const renderChoices = (choices: readonly string[]) => renderList([...new Set(choices)], ' or ')

/** Entries that a reason lists; more would not be read. */
const shownEntries = 8

function renderList(entries: readonly string[], lastGlue: string): string {
  if (entries.length > shownEntries)
    return `${entries.slice(0, shownEntries).join(', ')}${lastGlue}${entries.length - shownEntries} more`
  return [entries.slice(0, -1).join(', '), ...entries.slice(-1)].filter(Boolean).join(lastGlue)
}
