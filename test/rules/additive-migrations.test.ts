// Reason: during an upgrade, servers of the earlier release work on the schema of the newest one. They fail if a migration
// removes or renames what they read, or requires a column that they do not write.
import { expect, test } from 'vitest'
import { listProjectFiles, readProjectFile } from './project-files.ts'

/** Migrations that break the rule, with the reason why servers of the earlier release still work. */
const exceptions: Readonly<Record<string, string>> = {}

const breaking: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /\bdrop\s+(?:table|column|view|function|type|sequence)\b/, what: 'removes a table or column' },
  { pattern: /\balter\s+table\s+\S+\s+rename\b|\brename\s+(?:column|to)\b/, what: 'renames a table or column' },
  { pattern: /\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b/, what: 'changes the type of a column' },
  { pattern: /\bset\s+not\s+null\b/, what: 'requires a value that earlier servers may not write' },
]

function findBreaking(sql: string): string[] {
  const code = sql.replace(/--.*$/gm, '').toLowerCase()
  const found = breaking.filter(({ pattern }) => pattern.test(code)).map(({ what }) => what)
  const required = [...code.matchAll(/\badd\s+column\s+(?:if\s+not\s+exists\s+)?(\w+)[^,;]*?\bnot\s+null\b[^,;]*/g)]
  for (const [clause, name] of required)
    if (!/\bdefault\b|\bgenerated\b/.test(clause)) found.push(`adds the required column ${name} without a default`)
  return found
}

test('servers of the earlier release work on the schema of every migration', () => {
  const migrations = listProjectFiles().filter((path) => /^src\/store\/migrations\/\d{4}-.*\.sql$/.test(path))
  expect(migrations.length).toBeGreaterThan(30)
  const found = migrations
    .filter((path) => !(path in exceptions))
    .flatMap((path) => findBreaking(readProjectFile(path)).map((what) => `${path} ${what}`))
  const remedy =
    'keep the old form for one release: add the new column beside it, write both, and remove the old one in the next release with an exception here'
  expect(found, remedy).toEqual([])
})

test.each([
  ['alter table users drop column name', 'removes a table or column'],
  ['drop table users', 'removes a table or column'],
  ['alter table users rename column name to title', 'renames a table or column'],
  ['alter table users rename to people', 'renames a table or column'],
  ['alter table users alter column name type text', 'changes the type of a column'],
  ['alter table users alter name set not null', 'requires a value that earlier servers may not write'],
  ['alter table users add column age int not null', 'adds the required column age without a default'],
])('finds a planted change: %s', (sql, what) => {
  expect(findBreaking(sql)).toEqual([what])
})

test('an added table, column or index is allowed', () => {
  const sql = `create table one (id text not null); alter table users add column age int not null default 0, add column name text;
    drop index users_by_name; -- drop table users`
  expect(findBreaking(sql)).toEqual([])
})
