import type { Targets } from './targets.ts'

const instanceId = /^i-[0-9a-z]{16}$/
const headings = ['id', 'instanceid', 'instance id', 'instance_id', 'name']

/** The first cell of a row, and the number of the line (from 1) on which the row starts. */
export interface ListedCell {
  readonly word: string
  readonly line: number
}

/** The listed targets, or the problem with its line. */
export type ListedTargets =
  | { readonly targets: Extract<Targets, { kind: 'ids' | 'names' }> }
  | { readonly problem: 'empty' }
  | { readonly problem: 'mixed'; readonly line: number; readonly word: string; readonly first: string }

/**
 * Reads instances from the first cells of a list: all ids or all names, with or without a heading
 * on line 1. Empty and repeated cells are ignored. Returns the problem with its line if the list is
 * invalid.
 */
export function readListedTargets(cells: readonly ListedCell[]): ListedTargets {
  const entries = cells
    .map(({ word, line }) => ({ word: word.trim(), line }))
    .filter(({ word, line }) => word !== '' && !(line === 1 && headings.includes(word.toLowerCase())))
  const [first] = entries
  if (!first) return { problem: 'empty' }
  const areIds = instanceId.test(first.word)
  const odd = entries.find(({ word }) => instanceId.test(word) !== areIds)
  if (odd) return { problem: 'mixed', ...odd, first: first.word }
  const words = [...new Set(entries.map(({ word }) => word))]
  return { targets: areIds ? { kind: 'ids', ids: words } : { kind: 'names', names: words } }
}
