/** What a statement does, for measurements. */
export const statementKinds = ['select', 'insert', 'update', 'delete', 'other'] as const
export type StatementKind = (typeof statementKinds)[number]

/** Texts are templates of this program with placeholders for values, so there are few of them. */
const maxKnown = 2_000
const known = new Map<string, StatementKind>()

/** The kind of a statement; one with several parts (`with …`) has the kind of the first that writes. */
export function findStatementKind(text: string): StatementKind {
  const found = known.get(text)
  if (found !== undefined) return found
  const kind = readKind(text)
  if (known.size < maxKnown) known.set(text, kind)
  return kind
}

function readKind(text: string): StatementKind {
  const code = text.replaceAll(/--[^\n]*/g, ' ').toLowerCase()
  // Row locks (`for update`) and the second half of an upsert are no writes of their own.
  const [, writes] = /(?<!\bfor |\bkey |\bdo )\b(insert into|update|delete from)\b/.exec(code) ?? []
  if (writes !== undefined) return writes.split(' ', 1)[0] as StatementKind
  return /^\s*(select|with)\b/.test(code) ? 'select' : 'other'
}
