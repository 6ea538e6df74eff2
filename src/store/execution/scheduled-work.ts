import { sql } from 'kysely'
import type { ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * Adds a job for an execution to the work engine, due in `delayMs`; an existing job keeps its time.
 * The due time is computed from the database's clock, which the engine compares it with: the clock
 * of a server may differ by hours, and a due time in the past would make the job run and reschedule
 * itself without a pause.
 */
export async function scheduleWork(
  connection: Connection,
  task: string,
  executionId: ExecutionId,
  delayMs: number,
): Promise<void> {
  await sql`
    select graphile_worker.add_job(
      identifier => ${task}::text,
      payload => ${JSON.stringify({ executionId })}::json,
      run_at => now() + (${delayMs} + 1) * interval '1 millisecond',
      job_key => ${executionId}::text,
      job_key_mode => 'preserve_run_at'
    )`.execute(connection)
}
