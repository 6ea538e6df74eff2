import { sql } from 'kysely'
import type { ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * Gives the work engine a piece of work for an execution, due in `delayMs`; work that already waits for it keeps its time.
 * The due time comes from the clock of the database, which the engine compares it with. The clock of a server may differ by
 * hours: a due time in the past would run at once, set the next one in the past, and so on without a pause.
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
