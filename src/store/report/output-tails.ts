import { sql } from 'kysely'
import type { ExecutionId } from '../../core/id.ts'
import { maxOutputChunkBytes } from '../../core/limits.ts'
import type { Connection } from '../database/database.ts'

export interface OutputTailRow {
  readonly ordinal: number
  /** Which of several extensions; otherwise null. */
  readonly part: number | null
  readonly at: Date
  /** The end of this chunk as an offset in the script's output to the stream. */
  readonly endByte: number
  readonly stream: number
  readonly data: Buffer
}

interface PartOutputRow {
  readonly ordinal: number
  readonly part: number
  readonly output: string
}

/** The newest attempts of some tasks; with several extensions the newest of each part. */
const newestAttempts = (executionId: ExecutionId, ordinals: readonly number[]) => sql`
  select distinct on (i.ordinal, i.part) i.id, i.ordinal, i.part, i.script_range, i.output
  from task_executions t
  join invocations i on i.execution_id = t.execution_id and i.ordinal = t.ordinal and (i.attempt = t.attempt or i.part is not null)
  where t.execution_id = ${executionId} and t.ordinal = any(${ordinals}::int[])
  order by i.ordinal, i.part, i.attempt desc`

/**
 * The last bytes that the scripts of some tasks printed to each stream, in chunks by time: of the
 * newest attempts, and if further scripts ran, of the task's main script. The cost is limited by
 * the number of tasks and by `maxBytes`, whatever was printed.
 */
export async function listOutputTails(
  connection: Connection,
  executionId: ExecutionId,
  ordinals: readonly number[],
  maxBytes: number,
): Promise<OutputTailRow[]> {
  const { rows } = await sql<OutputTailRow>`
    with newest as (${newestAttempts(executionId, ordinals)})
    select i.ordinal, i.part, c.at, c.stream, least(c.start_byte + length(c.data), w.end_byte) - w.start_byte as "endByte",
      substring(c.data
        from greatest(1, w.tail_byte - c.start_byte + 1)::int
        for greatest(0, least(c.start_byte + length(c.data), w.end_byte) - greatest(c.start_byte, w.tail_byte))::int) as data
    from newest i
    cross join (values (1::smallint, 'stdout'), (2::smallint, 'stderr')) as s (stream, name)
    cross join lateral (
      select coalesce((i.script_range -> s.name ->> 0)::bigint, 0) as start_byte, (i.script_range -> s.name ->> 1)::bigint as end_byte
    ) r
    cross join lateral (
      select greatest(r.start_byte, least(start_byte + length(data), r.end_byte)) as end_byte from output_chunks
      where invocation_id = i.id and stream = s.stream and (r.end_byte is null or start_byte < r.end_byte)
      order by start_byte desc
      limit 1
    ) last
    cross join lateral (
      select r.start_byte, last.end_byte, greatest(r.start_byte, last.end_byte - ${maxBytes}) as tail_byte
    ) w
    join output_chunks c on c.invocation_id = i.id and c.stream = s.stream
      and c.start_byte > w.tail_byte - ${maxOutputChunkBytes} and c.start_byte < w.end_byte and c.start_byte + length(c.data) > w.tail_byte
    order by i.ordinal, i.part, c.at, c.stream, c.start_byte
  `.execute(connection)
  return rows
}

/** The output of the output scripts of several extensions, by task and part. */
export async function listPartOutputs(
  connection: Connection,
  executionId: ExecutionId,
  ordinals: readonly number[],
): Promise<PartOutputRow[]> {
  const { rows } = await sql<PartOutputRow>`
    with newest as (${newestAttempts(executionId, ordinals)})
    select ordinal, part, output from newest where part is not null and output is not null
  `.execute(connection)
  return rows
}
