import type { Targets } from './targets.ts'

const instanceId = /^i-[0-9a-z]{16}$/
const headings = ['id', 'instanceid', 'instance id', 'instance_id', 'name']

/** The first cell of a row, and the number of the line (from 1) on which the row starts. */
export interface ListedCell {
  readonly entry: string
  readonly line: number
}

/** The listed targets, or the problem with its line. */
export type ListedTargets =
  | { readonly targets: Extract<Targets, { kind: 'ids' | 'names' }> }
  | { readonly problem: 'empty' }
  | { readonly problem: 'mixed'; readonly line: number; readonly entry: string; readonly first: string }

/**
 * Reads instances from the first cells of a list: all ids or all names, with or without a heading
 * on line 1. Empty and repeated cells are ignored. Returns the problem with its line if the list is
 * invalid.
 */
export function readListedTargets(cells: readonly ListedCell[]): ListedTargets {
  const entries = cells
    .map(({ entry, line }) => ({ entry: entry.trim(), line }))
    .filter(({ entry, line }) => entry !== '' && !(line === 1 && headings.includes(entry.toLowerCase())))
  const [first] = entries
  if (!first) return { problem: 'empty' }
  const areIds = instanceId.test(first.entry)
  const odd = entries.find(({ entry }) => instanceId.test(entry) !== areIds)
  if (odd) return { problem: 'mixed', ...odd, first: first.entry }
  const listed = [...new Set(entries.map(({ entry }) => entry))]
  return { targets: areIds ? { kind: 'ids', ids: listed } : { kind: 'names', names: listed } }
}
