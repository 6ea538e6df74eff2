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

const knownNames = new Map<string, string>()

/** The kind of a statement and its first table, such as `select executions`: a name without values. */
export function findStatementName(text: string): string {
  const found = knownNames.get(text)
  if (found !== undefined) return found
  const [, table] = /\b(?:from|into|update|join)\s+"?([a-z_]+)"?/i.exec(text.replaceAll(/--[^\n]*/g, ' ')) ?? []
  const kind = findStatementKind(text)
  const name = table === undefined ? kind : `${kind} ${table}`
  if (knownNames.size < maxKnown) knownNames.set(text, name)
  return name
}

function readKind(text: string): StatementKind {
  const code = text.replaceAll(/--[^\n]*/g, ' ').toLowerCase()
  // Row locks (`for update`) and the second half of an upsert are no writes of their own.
  const [, writes] = /(?<!\bfor |\bkey |\bdo )\b(insert into|update|delete from)\b/.exec(code) ?? []
  if (writes !== undefined) return writes.split(' ', 1)[0] as StatementKind
  return /^\s*(select|with)\b/.test(code) ? 'select' : 'other'
}
