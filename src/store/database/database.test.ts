import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())

/** Tables and columns as database.ts declares them, with `?` for nullable columns. */
function readDeclared(): string[] {
  const text = readFileSync(new URL('./database.ts', import.meta.url), 'utf8')
  const body = text.slice(text.indexOf('export interface Schema {'), text.indexOf('export type Database'))
  return [...body.matchAll(/^ {2}(\w+): \{(.*?)\}(?=\n {2}\w+: \{|\n\})/gms)]
    .flatMap(([, table, columns]) =>
      [...(columns ?? '').matchAll(/(\w+): ([^;\n]+)/g)].map(
        ([, column, type]) => `${table}.${column}${/\| null/.test(type ?? '') ? '?' : ''}`,
      ),
    )
    .sort()
}

test('the declared tables match those that the migrations create', async () => {
  const { rows } = await db.pool.query(`
    -- What is generated is made of columns that are never null.
    select table_name || '.' || column_name
      || case when is_nullable = 'YES' and is_generated = 'NEVER' then '?' else '' end as name
    from information_schema.columns
    where table_schema = 'public' and table_name <> 'schema_migrations' order by 1`)
  const made = rows.map(({ name }: { name: string }) => name)
  expect(readDeclared()).toEqual(made.sort())
})
