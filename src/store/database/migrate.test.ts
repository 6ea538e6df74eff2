import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'
import { migrate } from './migrate.ts'

let db: TestDatabase
let folder: string
let directory: URL
const write = (name: string, sql: string) => writeFile(join(folder, name), sql)

beforeEach(async () => {
  db = await startTestDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  directory = pathToFileURL(`${folder}/`)
})
afterEach(async () => {
  await db.stop()
  await rm(folder, { recursive: true })
})

test('every migration is applied to an empty database once, in order, also when servers start together', async () => {
  await write('0001-first.sql', 'create table one (id int); insert into one values (1)')
  await write('0002-second.sql', 'alter table one add column name text')
  const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(db.pool, directory)))
  expect(applied.flat()).toEqual(['0001-first.sql', '0002-second.sql'])
  expect((await db.pool.query('select * from one')).rows).toEqual([{ id: 1, name: null }])
  expect(await migrate(db.pool, directory)).toEqual([])
})

test('a failed migration leaves no changes, and the error names it', async () => {
  await write('0001-first.sql', 'create table one (id int)')
  await write('0002-second.sql', 'create table two (id int); create table one (id int)')
  await expect(migrate(db.pool, directory)).rejects.toThrow(
    'migration 0002-second.sql failed: relation "one" already exists',
  )
  expect((await db.pool.query(`select to_regclass('two') as two`)).rows).toEqual([{ two: null }])
  await write('0002-second.sql', 'create table two (id int)')
  expect(await migrate(db.pool, directory)).toEqual(['0002-second.sql'])
})

test('a database of a newer version is refused', async () => {
  await write('0001-first.sql', 'create table one (id int)')
  await write('0002-second.sql', 'create table two (id int)')
  await migrate(db.pool, directory)
  await rm(join(folder, '0002-second.sql'))
  await expect(migrate(db.pool, directory)).rejects.toMatchObject({
    code: 'SchemaTooNew',
    message: expect.stringContaining('has schema version 2; this program supports versions up to 1'),
  })
})

test('a database that was migrated with a different text is refused', async () => {
  await write('0001-first.sql', 'create table one (id int)')
  await migrate(db.pool, directory)
  await write('0001-first.sql', 'create table one (id bigint)')
  await expect(migrate(db.pool, directory)).rejects.toMatchObject({
    code: 'SchemaChanged',
    message: expect.stringContaining('0001-first.sql'),
  })
})

test('a gap in the numbers is an internal error', async () => {
  await write('0002-second.sql', 'select 1')
  await expect(migrate(db.pool, directory)).rejects.toThrow('should be number 1')
})

test("the project's own migrations apply", async () => {
  expect((await migrate(db.pool))[0]).toBe('0001-initial.sql')
})
