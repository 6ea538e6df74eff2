import { checkDatabase } from '../../../store/database/database.ts'
import type { AppContext } from '../context.ts'
import { explainFault } from '../execution/explain-fault.ts'

export interface Readiness {
  readonly ready: boolean
  /** `ok`, or the problem, by part. */
  readonly checks: Readonly<Record<'database' | 'objects', string>>
}

/** Monitoring waits a few seconds; a part that does not answer within this time is not ready. */
const timeoutMs = 3_000

/** Whether this server can work: it reaches the database and can store artifacts. */
export async function checkReadiness({
  database,
  objects,
  clock,
}: Pick<AppContext, 'database' | 'objects' | 'clock'>): Promise<Readiness> {
  const done = new AbortController()
  const timeout = clock.wait(timeoutMs, done.signal).then(() => `does not answer within ${timeoutMs} ms`)
  const within = (check: Promise<void>) =>
    Promise.race([
      check.then(
        () => 'ok',
        (error: unknown) => explainFault(error)?.message ?? (error instanceof Error ? error.message : String(error)),
      ),
      timeout,
    ])
  const [databaseSays, objectsSay] = await Promise.all([within(checkDatabase(database)), within(objects.check())])
  done.abort()
  const checks = { database: databaseSays, objects: objectsSay }
  return { ready: Object.values(checks).every((says) => says === 'ok'), checks }
}
