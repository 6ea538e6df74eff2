import { once } from 'node:events'
import { connect } from 'node:net'
import pg from 'pg'
import { inject } from 'vitest'
import { createDatabase, createPool, type Database } from '../../../src/store/database/database.ts'

/** Address of the run's PostgreSQL: `host` is the folder of its Unix socket. */
export interface TestServer {
  readonly host: string
  readonly port: number
  readonly user: string
}

export interface TestDatabase {
  readonly pool: pg.Pool
  readonly database: Database
  /** For a second pool or another program on the same database. */
  readonly connection: TestServer & { readonly database: string }
  /** The same as DATABASE_URL. */
  readonly url: string
  /** Ends the pool and drops the database. */
  stop(): Promise<void>
}

export const templateDatabase = 'migrated'

/**
 * A separate database on the run's PostgreSQL, with the current schema (or empty, with `migrated:
 * false`). One per test file is usual: `const db = await startTestDatabase()` in beforeAll,
 * `db.stop()` in afterAll.
 */
export async function startTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = await askForServer(inject('testDatabaseSocket'))
  const name = `test_${process.pid}_${Date.now().toString(36)}_${++count}`
  await asAdmin(server, `create database ${name} ${migrated ? `template ${templateDatabase}` : ''}`)
  const connection = { ...server, database: name }
  const pool = createPool(connection, () => {
    // A connection that stop() or a test of broken connections ended; the pool replaces it.
  })
  return {
    pool,
    database: createDatabase(pool),
    connection,
    url: `postgresql:///${name}?user=${server.user}&host=${encodeURIComponent(server.host)}&port=${server.port}`,
    async stop() {
      await pool.end()
      await asAdmin(server, `drop database ${name} with (force)`)
    },
  }
}

let count = 0

async function askForServer(socket: string): Promise<TestServer> {
  const connection = connect(socket).setEncoding('utf8')
  let answer = ''
  connection.on('data', (text: string) => {
    answer += text
  })
  await once(connection, 'end')
  const server = JSON.parse(answer) as TestServer | { error: string }
  if ('error' in server) throw new Error(`the test PostgreSQL did not start: ${server.error}`)
  return server
}

async function asAdmin(server: TestServer, sql: string) {
  const client = new pg.Client({ ...server, database: 'postgres' })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
