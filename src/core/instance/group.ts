import { type FilterToken, parseInstanceFilter } from './instance-filter.ts'

/** What a group's filter is called when it has no condition. */
export const everyInstance = 'all'

/** 1 to 64 letters, digits, dots, hyphens and underscores. */
export const groupNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** How many instances a group matches, and how many the account has. */
export interface GroupSize {
  readonly matching: number
  readonly total: number
}

/** Parses the filter of a group: `all`, or conditions as in instance-filter.ts. */
export function parseGroupFilter(
  filter: string,
): { readonly tokens: readonly FilterToken[] } | { readonly problem: string } {
  if (filter.trim() === everyInstance) return { tokens: [] }
  const parsed = parseInstanceFilter(filter)
  return 'tokens' in parsed && parsed.tokens.length === 0
    ? { problem: `it has no condition; use ${everyInstance} for every instance` }
    : parsed
}

/**
 * Whether a change of the fleet or of the tags has turned a group into something that its user
 * probably does not mean: no instance, or every one, where it was different at its last use.
 * `usual`: the group can be used without confirmation.
 */
export function judgeGroupSize(now: GroupSize, known: GroupSize): 'usual' | 'nothing' | 'everything' {
  if (now.matching === 0) return known.matching === 0 ? 'usual' : 'nothing'
  const matchedAll = known.matching === known.total && known.total > 0
  return now.matching === now.total && now.total > 1 && !matchedAll ? 'everything' : 'usual'
}
