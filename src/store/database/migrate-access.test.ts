/** 0010-access with rows of earlier releases: keys had no users, and every key had full access. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'
import { migrate } from './migrate.ts'

const migrations = fileURLToPath(new URL('../migrations/', import.meta.url))

let db: TestDatabase
let folder: string

beforeAll(async () => {
  db = await startTestDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  const earlier = (await readdir(migrations)).filter((name) => name < '0010')
  for (const name of earlier) await copyFile(join(migrations, name), join(folder, name))
  await migrate(db.pool, pathToFileURL(`${folder}/`))
  await db.pool.query(`
    insert into accounts (id, name) values ('default', 'default'), ('other', 'other');
    insert into access_keys (id, account_id, user_name, secret_sealed, created_at, disabled_at) values
      ('ak-1', 'default', 'admin', '\\x00', '2026-01-01', null),
      ('ak-2', 'default', 'ci', '\\x01', '2026-01-03', null),
      ('ak-3', 'default', 'ci', '\\x02', '2026-01-02', '2026-01-04'),
      ('ak-4', 'other', 'ci', '\\x03', '2026-01-05', null);
    insert into join_tokens (id, account_id, token_hash, expires_at) values ('jt-1', 'default', '\\x00', '2030-01-01');
    insert into instances (id, account_id, name, public_key, facts) values ('i-1', 'default', 'web-1', '\\x00', '{}')
  `)
  await migrate(db.pool)
})
afterAll(async () => {
  await db.stop()
  await rm(folder, { recursive: true })
})

const rows = async (query: string) => (await db.pool.query(query)).rows

test('every key holder becomes a user with the same permissions', async () => {
  expect(await rows(`select account_id, name, created_at from users where name <> 'admin' order by 1, 2`)).toEqual([
    { account_id: 'default', name: 'ci', created_at: new Date('2026-01-02') },
    { account_id: 'other', name: 'ci', created_at: new Date('2026-01-05') },
  ])
  expect(await rows('select account_id, user_name, policy_name from user_policies order by 1, 2')).toEqual([
    { account_id: 'default', user_name: 'ci', policy_name: 'AdministratorAccess' },
    { account_id: 'other', user_name: 'ci', policy_name: 'AdministratorAccess' },
  ])
})

test('every account gets an administrator, also one whose keys belong to other users', async () => {
  expect(await rows(`select account_id from users where name = 'admin' order by 1`)).toEqual([
    { account_id: 'default' },
    { account_id: 'other' },
  ])
})

test('keys are unchanged and belong to a user', async () => {
  expect(await rows('select id, user_name, disabled_at is null as enabled from access_keys order by id')).toEqual([
    { id: 'ak-1', user_name: 'admin', enabled: true },
    { id: 'ak-2', user_name: 'ci', enabled: true },
    { id: 'ak-3', user_name: 'ci', enabled: false },
    { id: 'ak-4', user_name: 'ci', enabled: true },
  ])
  await expect(
    db.pool.query(
      `insert into access_keys (id, account_id, user_name, secret_sealed) values ('ak-5', 'default', 'nobody', '\\x00')`,
    ),
  ).rejects.toThrow('access_keys_user')
})

test('instances and join tokens get the built-in role', async () => {
  expect(await rows('select role from instances union all select role from join_tokens')).toEqual([
    { role: 'ExtensionInstance' },
    { role: 'ExtensionInstance' },
  ])
})
