/**
 * OS versions and ranges of them (design §4): exact `22.04`, prefix `7.*`, comparisons `>=11 <13`
 * (all must hold), alternatives `7.* || >=9`.
 *
 * A version is its numbers and words in order, whatever stands between them: `15-SP4` is 15, sp, 4.
 * Numbers compare as numbers (11.10 is above 11.9, 22.04 is 22.4), words by letter and above every
 * number (15-SP4 is above 15), and missing places count as 0 (8 is 8.0, and 7 fits `7.*`). So every
 * range is a set of intervals, and whether two of them can meet is decided exactly.
 */
export type VersionMatch =
  | { readonly matches: true }
  | { readonly matches: false; readonly misses: readonly VersionMiss[] }

/** Why a version is not in a range: one comparison that does not hold for each alternative. */
export type VersionMiss =
  | {
      readonly code: 'VersionBelow' | 'VersionAbove' | 'VersionDiffers'
      readonly version: string
      readonly range: string
    }
  | { readonly code: 'VersionNotComparable'; readonly version: string }
  | { readonly code: 'VersionUnknown' | 'VersionRangeInvalid'; readonly range: string }

type Place = bigint | string
type Version = readonly Place[]
const operators = ['>=', '<=', '>', '<', '='] as const
type Operator = (typeof operators)[number] | 'prefix'
interface Comparison {
  readonly operator: Operator
  readonly version: Version
  /** As written. */
  readonly text: string
}
/**
 * A prefix is an interval, too: from the version itself to `version.∞`. `to` undefined: no upper
 * end.
 */
interface Interval {
  readonly from: Version
  readonly fromIncluded: boolean
  readonly to: Version | undefined
  readonly toIncluded: boolean
}
interface Alternative extends Interval {
  readonly comparisons: readonly Comparison[]
}

const versionText = /^[0-9A-Za-z]+(?:[._+~-]+[0-9A-Za-z]+)*$/
/** Above every number and every word (which are lower case letters). */
const infinity = '\uffff'

/**
 * Whether a version is in a range, and if not, why: `VersionBelow` with 10 and >=11. An empty
 * version (a rolling release) is in none.
 */
export function matchVersionRange(range: string, version: string): VersionMatch {
  const parsed = parseRange(range)
  if ('reason' in parsed) return { matches: false, misses: [{ code: 'VersionRangeInvalid', range }] }
  if (version === '') return { matches: false, misses: [{ code: 'VersionUnknown', range }] }
  if (!versionText.test(version)) return { matches: false, misses: [{ code: 'VersionNotComparable', version }] }
  const places = parseVersion(version)
  const misses: VersionMiss[] = []
  for (const alternative of parsed.alternatives) {
    const broken = alternative.comparisons.find((comparison) => !holds(comparison, places))
    if (!broken) return { matches: true }
    misses.push({ code: findMissCode(broken, places), version, range: broken.text })
  }
  return { matches: false, misses }
}

/** Why a range is invalid, to follow "the range …"; a range that cannot match is invalid, too. */
export function validateVersionRange(range: string): string | undefined {
  const parsed = parseRange(range)
  if ('reason' in parsed) return parsed.reason
  const comparisons = parsed.alternatives.flatMap((alternative) => alternative.comparisons)
  const word = comparisons.find(({ operator, text }) => /^[<>]/.test(operator) && !/^[<>]=?[0-9]/.test(text))
  // A word is above every number, so that `>= eleven` would match no system, and `< eleven` all.
  if (word) return `compares with text in ${word.text}; use a number, such as >=11`
  const empty = parsed.alternatives.find((alternative) => !findMember(alternative))
  return empty && `can never match: nothing is ${empty.comparisons.map(({ text }) => text).join(' and ')}`
}

/**
 * A version that is in both ranges, or undefined if there is none (or one of the ranges is
 * invalid).
 */
export function findCommonVersion(range: string, other: string): string | undefined {
  const left = parseRange(range)
  const right = parseRange(other)
  if ('reason' in left || 'reason' in right) return undefined
  for (const a of left.alternatives) {
    for (const b of right.alternatives) {
      const member = findMember(intersect(a, b))
      if (member) return member.join('.')
    }
  }
  return undefined
}

function parseRange(range: string): { readonly alternatives: readonly Alternative[] } | { readonly reason: string } {
  const alternatives: Alternative[] = []
  for (const part of range.split('||')) {
    const words = part
      .replaceAll(/([<>=])\s+/g, '$1')
      .split(/\s+/)
      .filter(Boolean)
    if (words.length === 0) return { reason: range.trim() === '' ? 'is empty' : 'has nothing on one side of ||' }
    const comparisons: Comparison[] = []
    for (const word of words) {
      const comparison = parseComparison(word)
      if (!comparison)
        return {
          reason: `contains "${word}", which is not a version, a prefix such as 7.*, or a comparison such as >=11`,
        }
      comparisons.push(comparison)
    }
    const interval = comparisons.map(intervalOf).reduce(intersect)
    alternatives.push({ ...interval, comparisons })
  }
  return { alternatives }
}

function parseComparison(text: string): Comparison | undefined {
  const operator = operators.find((candidate) => text.startsWith(candidate))
  const rest = operator ? text.slice(operator.length) : text
  const prefix = !operator && rest.endsWith('.*')
  const version = prefix ? rest.slice(0, -2) : rest
  if (!versionText.test(version)) return undefined
  return { operator: prefix ? 'prefix' : (operator ?? '='), version: parseVersion(version), text }
}

const parseVersion = (text: string): Version =>
  (text.toLowerCase().match(/[0-9]+|[a-z]+/g) ?? []).map((place) => (/[0-9]/.test(place) ? BigInt(place) : place))

function intervalOf({ operator, version }: Comparison): Interval {
  const lowest: Version = [0n]
  switch (operator) {
    case '=':
      return { from: version, fromIncluded: true, to: version, toIncluded: true }
    case 'prefix':
      return { from: version, fromIncluded: true, to: [...version, infinity], toIncluded: true }
    case '>=':
    case '>':
      return { from: version, fromIncluded: operator === '>=', to: undefined, toIncluded: true }
    case '<=':
    case '<':
      return { from: lowest, fromIncluded: true, to: version, toIncluded: operator === '<=' }
  }
}

function intersect(a: Interval, b: Interval): Interval {
  const from = compareVersions(a.from, b.from)
  const lower = from > 0 ? a : from < 0 ? b : { from: a.from, fromIncluded: a.fromIncluded && b.fromIncluded }
  const to = compareUpper(a.to, b.to)
  const upper = to < 0 ? a : to > 0 ? b : { to: a.to, toIncluded: a.toIncluded && b.toIncluded }
  return { from: lower.from, fromIncluded: lower.fromIncluded, to: upper.to, toIncluded: upper.toIncluded }
}

/**
 * Versions are dense: between two different ones there is always another, made by appending
 * components.
 */
function findMember({ from, fromIncluded, to, toIncluded }: Interval): Version | undefined {
  const order = compareUpper(from, to)
  if (order > 0 || (order === 0 && !(fromIncluded && toIncluded))) return undefined
  if (fromIncluded) return from
  const length = Math.max(from.length, to?.length ?? 0)
  return [...from, ...Array<Place>(length - from.length).fill(0n), 1n]
}

function compareUpper(a: Version | undefined, b: Version | undefined): number {
  if (a && b) return compareVersions(a, b)
  return a ? -1 : b ? 1 : 0
}

function compareVersions(a: Version, b: Version): number {
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const order = comparePlaces(a[place] ?? 0n, b[place] ?? 0n)
    if (order !== 0) return order
  }
  return 0
}

function comparePlaces(a: Place, b: Place): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function holds({ operator, version }: Comparison, candidate: Version): boolean {
  const order = compareVersions(candidate, version)
  switch (operator) {
    case '=':
      return order === 0
    case 'prefix':
      return version.every((place, index) => comparePlaces(candidate[index] ?? 0n, place) === 0)
    case '>=':
      return order >= 0
    case '>':
      return order > 0
    case '<=':
      return order <= 0
    case '<':
      return order < 0
  }
}

function findMissCode({ operator, version }: Comparison, candidate: Version) {
  if (operator === '=' || operator === 'prefix') return 'VersionDiffers'
  const order = compareVersions(candidate, version)
  if (order === 0) return 'VersionDiffers'
  return order < 0 ? 'VersionBelow' : 'VersionAbove'
}
