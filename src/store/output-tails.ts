import { sql } from 'kysely'
import type { ExecutionId } from '../core/id.ts'
import { maxOutputChunkBytes } from '../core/limits.ts'
import type { Connection } from './database.ts'

export interface OutputTailRow {
  readonly ordinal: number
  readonly at: Date
  /** Of the stream, up to the end of this piece. */
  readonly endByte: number
  readonly stream: number
  readonly data: Buffer
}

/**
 * The last bytes of each stream of the newest attempts of some tasks, in pieces by time. What it reads is bounded by the number of tasks
 * and by `maxBytes`, whatever was printed.
 */
export async function listOutputTails(
  connection: Connection,
  executionId: ExecutionId,
  ordinals: readonly number[],
  maxBytes: number,
): Promise<OutputTailRow[]> {
  const { rows } = await sql<OutputTailRow>`
    select t.ordinal, c.at, c.stream, c.start_byte + length(c.data) as "endByte",
      substring(c.data from greatest(1, last.end_byte - ${maxBytes} - c.start_byte + 1)::int) as data
    from task_executions t
    join invocations i on i.execution_id = t.execution_id and i.ordinal = t.ordinal and i.attempt = t.attempt
    cross join (values (1::smallint), (2::smallint)) as s (stream)
    cross join lateral (
      select start_byte + length(data) as end_byte from output_chunks
      where invocation_id = i.id and stream = s.stream
      order by start_byte desc
      limit 1
    ) last
    join output_chunks c on c.invocation_id = i.id and c.stream = s.stream
      and c.start_byte > last.end_byte - ${maxBytes} - ${maxOutputChunkBytes} and c.start_byte + length(c.data) > last.end_byte - ${maxBytes}
    where t.execution_id = ${executionId} and t.ordinal = any(${ordinals}::int[])
    order by t.ordinal, c.at, c.stream, c.start_byte
  `.execute(connection)
  return rows
}
