/**
 * A program that owns an embedded PostgreSQL as the server does, for tests that kill it. Arguments:
 * data directory, system directory, user of the database. Prints one JSON line when PostgreSQL
 * runs; stops it on SIGTERM. Exits 1 with the message on standard error when it cannot.
 */
import { createLogger } from '../../../src/lib/logger.ts'
import { openDataDirectory } from '../../../src/server/boot/data-directory.ts'
import { startEmbeddedPostgres } from '../../../src/server/embedded-postgres/start-embedded-postgres.ts'

const [path = '', systemDirectory = '', databaseUser = ''] = process.argv.slice(2)
const log = createLogger({
  level: 'debug',
  format: 'json',
  write: (line) => process.stderr.write(line),
  now: Date.now,
})

try {
  const startedAt = performance.now()
  const dataDirectory = await openDataDirectory(path)
  const postgres = await startEmbeddedPostgres({ dataDirectory, databaseUser, systemDirectory, log })
  const { connection, clusterDirectory } = postgres
  const tookMs = Math.round(performance.now() - startedAt)
  process.stdout.write(`${JSON.stringify({ connection, clusterDirectory, postgresPid: postgres.pid(), tookMs })}\n`)
  process.once('SIGTERM', () => {
    void postgres.stop().then(() => {
      dataDirectory.release()
      process.exit(0)
    })
  })
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
