import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

/** Tables and columns as the interfaces declare them, with `?` for nullable columns. */
function readDeclared(): string[] {
  const schema = read('./database.ts')
  const start = schema.indexOf('export interface Schema')
  const declarations = [
    schema.slice(start, schema.indexOf('export type Database')),
    ...[...schema.matchAll(/from '(\.\/[a-z-]+-tables\.ts)'/g)].map(([, file]) => read(file as string)),
  ]
  return declarations
    .flatMap((text) => [...text.matchAll(/^ {2}(\w+): \{(.*?)\}(?=\n {2}\w+: \{|\n\})/gms)])
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
