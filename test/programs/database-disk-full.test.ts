/** A database with a full disk: it answers and refuses to write, and the server reports that. */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { explainFault } from '../../src/server/app/execution/explain-fault.ts'
import { checkReadiness } from '../../src/server/app/overview/check-readiness.ts'
import { findDatabaseUser } from '../../src/server/embedded-postgres/database-user.ts'
import { createDatabase, createPool } from '../../src/store/database/database.ts'
import { askForDatabaseUser } from '../integration/database/database-user.ts'
import { startTestDatabase } from '../integration/database/postgres.ts'

const run = promisify(execFile)

test('a full disk is reported as such, the server is not ready, and it recovers when there is space', async ({
  skip,
}) => {
  const name = await askForDatabaseUser()
  const user = name === undefined ? undefined : await findDatabaseUser(name)
  skip(user === undefined, 'only root can mount a small disk')
  if (user === undefined) return
  await using parts = new AsyncDisposableStack()
  const disk = await mkdtemp(join(tmpdir(), 'chandler-disk-'))
  parts.defer(() => rm(disk, { recursive: true }))
  await chmod(disk, 0o755)
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=755', 'small', disk]).catch(() => undefined)
  skip(mounted === undefined, 'this machine lets nobody mount')
  parts.defer(async () => void (await run('umount', ['-l', disk])))
  await chown(disk, user.uid, user.gid)

  const db = await startTestDatabase()
  const { database } = db.connection
  const tablespace = `small_${process.pid}`
  await db.pool.query(`create tablespace ${tablespace} location '${disk}'`)
  parts.defer(async () => {
    await db.pool.query(`drop table full_disk`)
    await db.pool.query(`drop tablespace ${tablespace}`)
    await db.stop()
  })
  await db.pool.query(`create table full_disk (data text) tablespace ${tablespace}`)
  await db.pool.query(`alter database ${database} set temp_tablespaces = ${tablespace}`)
  // The setting applies to new connections.
  const pool = createPool(db.connection, () => {})
  parts.defer(() => pool.end())
  const small = createDatabase(pool)

  const objects = { check: () => Promise.resolve() }
  const readiness = () => checkReadiness({ database: small, objects: objects as never, clock: systemClock })
  expect(await readiness()).toMatchObject({ ready: true })
  const fill = sql`insert into full_disk select md5(n::text) from generate_series(1, 100000) n`
  const failure = await fill.execute(small).catch((error: unknown) => error)
  expect(explainFault(failure)).toMatchObject({
    code: 'DatabaseDiskFull',
    next: expect.stringContaining('Free disk space'),
  })
  // The bytes that the statement had written stay on the disk until vacuum.
  expect(await readiness()).toMatchObject({ ready: false, checks: { database: 'The disk of the database is full.' } })
  await run('mount', ['-o', 'remount,size=64m', disk])
  expect(await readiness()).toMatchObject({ ready: true, checks: { database: 'ok' } })
})
