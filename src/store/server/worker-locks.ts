import { Client, type ClientConfig } from 'pg'
import { guardConnection, guardedConnection, setForSession } from '../database/connection-guard.ts'

/**
 * Detects dead workers by session locks: every process holds one lock per worker, and PostgreSQL
 * releases them when the process, its machine or its connection dies or is frozen. A worker whose
 * lock is free is dead. No clocks are compared.
 */
export interface WorkerLockSession {
  lock(workerId: string): Promise<void>
  /**
   * Ids of dead workers that still hold a job, except these. Recently taken jobs are skipped: their
   * worker may not have its lock yet.
   */
  listDeadWorkerIds(ownWorkerIds: readonly string[]): Promise<string[]>
  /** Aborts when the session, and with it every lock, is gone. */
  readonly gone: AbortSignal
  end(): Promise<void>
}

const key = "hashtextextended('chandler worker ' || $1, 0)"

/** Opens a session for worker locks on a connection of its own. */
export async function openWorkerLockSession(connection: ClientConfig): Promise<WorkerLockSession> {
  const client = new Client({ ...guardedConnection, ...connection, application_name: 'chandler worker locks' })
  const gone = new AbortController()
  client.on('error', () => gone.abort())
  client.on('end', () => gone.abort())
  await client.connect()
  await guardConnection(client, connection)
  // A frozen process keeps its connections. A running one uses this session every 2 s
  // (takeover.ts).
  await setForSession(client, { idle_session_timeout: '10s' })
  return {
    gone: gone.signal,
    async lock(workerId) {
      await client.query(`select pg_advisory_lock(${key})`, [workerId])
    },
    async listDeadWorkerIds(ownWorkerIds) {
      const { rows } = await client.query<{ worker_id: string }>(
        `select distinct locked_by as worker_id from graphile_worker.jobs
         where locked_at < now() - interval '5 seconds' and locked_by <> all($1)`,
        [ownWorkerIds],
      )
      const dead: string[] = []
      for (const { worker_id: workerId } of rows) {
        const { rows: answer } = await client.query<{ free: boolean }>(`select pg_try_advisory_lock(${key}) as free`, [
          workerId,
        ])
        if (!answer[0]?.free) continue
        await client.query(`select pg_advisory_unlock(${key})`, [workerId])
        dead.push(workerId)
      }
      return dead
    },
    end: () => client.end(),
  }
}
