import type { Targets } from './targets.ts'

const instanceId = /^i-[0-9a-z]{16}$/
const headings = ['id', 'instanceid', 'instance id', 'instance_id', 'name']

/**
 * Instances from the first column of a list or a CSV file: ids, or names, one on each line, with or without a heading. What is named twice
 * counts once. Or what is wrong with it, with the number of the line if it is that of one.
 */
export function parseTargetList(
  text: string,
):
  | { readonly targets: Extract<Targets, { kind: 'ids' | 'names' }> }
  | { readonly problem: 'empty' }
  | { readonly problem: 'mixed'; readonly line: number; readonly word: string; readonly first: string } {
  const entries = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ word: firstCell(line), line: index + 1 }))
    .filter(({ word, line }) => word !== '' && !(line === 1 && headings.includes(word.toLowerCase())))
  const [first] = entries
  if (!first) return { problem: 'empty' }
  const areIds = instanceId.test(first.word)
  const odd = entries.find(({ word }) => instanceId.test(word) !== areIds)
  if (odd) return { problem: 'mixed', ...odd, first: first.word }
  const words = [...new Set(entries.map(({ word }) => word))]
  return { targets: areIds ? { kind: 'ids', ids: words } : { kind: 'names', names: words } }
}

/** The first cell of a CSV line; quotes around it are taken off, doubled quotes in it are one. */
function firstCell(line: string): string {
  const quoted = /^\s*"((?:[^"]|"")*)"/.exec(line)
  return (quoted?.[1]?.replaceAll('""', '"') ?? line.split(/[,;\t]/)[0] ?? '').trim()
}
