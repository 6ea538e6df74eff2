import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Pool, PoolClient } from 'pg'
import { chandlerError } from '../../core/error/errors.ts'
import { setForSession } from './connection-guard.ts'

/**
 * One file of migrations/: `0001-initial.sql`. Numbers are consecutive; a released file never
 * changes.
 */
interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text. */
  readonly checksum: string
}

const migrationsDirectory = new URL('../migrations/', import.meta.url)

/** An arbitrary constant that nothing else in this database locks: "chan" in ASCII. */
const lockKey = 0x6368616e

/**
 * Migrates the schema, one transaction per file, under a lock that servers that start together
 * share. Returns the names of the applied migrations.
 * @throws SchemaTooNew; SchemaChanged if an applied migration had a different text; nothing was
 * changed then
 */
export async function migrate(pool: Pool, directory: URL = migrationsDirectory): Promise<string[]> {
  const known = await listMigrations(directory)
  const client = await pool.connect()
  try {
    // A migration of a large database takes long, and other servers wait for it.
    await setForSession(client, { statement_timeout: '0', lock_timeout: '0' })
    await client.query('select pg_advisory_lock($1)', [lockKey])
    try {
      return await applyMissing(client, known)
    } finally {
      await client.query('select pg_advisory_unlock($1)', [lockKey])
    }
  } finally {
    // Not back to the pool, because it has no limits.
    client.release(true)
  }
}

async function applyMissing(client: PoolClient, known: readonly Migration[]): Promise<string[]> {
  await client.query(`
    create table if not exists schema_migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`)
  const missing = findMissing(await listApplied(client), known)
  for (const migration of missing) await applyOne(client, migration)
  return missing.map(({ name }) => name)
}

/**
 * The names of the migrations that `migrate` would apply; changes nothing.
 * @throws SchemaTooNew, SchemaChanged
 */
export async function listPendingMigrations(pool: Pool): Promise<string[]> {
  const known = await listMigrations(migrationsDirectory)
  const { rows } = await pool.query<{ exists: boolean }>(
    `select to_regclass('schema_migrations') is not null as exists`,
  )
  return findMissing(rows[0]?.exists ? await listApplied(pool) : [], known).map(({ name }) => name)
}

type AppliedMigration = Pick<Migration, 'number' | 'name' | 'checksum'>

async function listApplied(client: Pool | PoolClient): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    'select number, name, checksum from schema_migrations order by number',
  )
  return rows
}

function findMissing(applied: readonly AppliedMigration[], known: readonly Migration[]): Migration[] {
  for (const row of applied) {
    const migration = known.find(({ number }) => number === row.number)
    if (!migration)
      throw chandlerError('SchemaTooNew', { found: applied.at(-1)!.number, known: known.at(-1)?.number ?? 0 })
    if (migration.checksum !== row.checksum) throw chandlerError('SchemaChanged', { name: row.name })
  }
  return known.slice(applied.length)
}

async function applyOne(client: PoolClient, { number, name, sql, checksum }: Migration) {
  await client.query('begin')
  try {
    await client.query(sql)
    await client.query('insert into schema_migrations (number, name, checksum) values ($1, $2, $3)', [
      number,
      name,
      checksum,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}

async function listMigrations(directory: URL): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1])
      if (number !== index + 1) throw new Error(`migration ${name} should be number ${index + 1}: they count up by one`)
      const sql = await readFile(new URL(name, directory), 'utf8')
      return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
