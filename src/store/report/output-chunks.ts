import { sql } from 'kysely'
import type { ExecutionId, InstanceId, InvocationId } from '../../core/id.ts'
import { maxOutputBytesPerInvocation } from '../../core/limits.ts'
import type { Connection } from '../database/database.ts'

/** Stored number of a stream; never renumbered. */
const streamNumbers = { stdout: 1, stderr: 2 } as const

/** A stream of a script. */
export type OutputStream = keyof typeof streamNumbers

/** A chunk of output as stored. */
export interface OutputChunkRow {
  readonly invocationId: InvocationId
  readonly stream: OutputStream
  readonly startByte: number
  readonly at: Date
  readonly data: Buffer
}

/**
 * The overhead of a chunk besides its data, counted because many small ones fill a disk as well as
 * few large ones.
 */
const bytesPerChunk = 32
/**
 * Twice the limit of an honest agent, so that the overhead truncates only output that arrives in
 * tiny chunks.
 */
const maxStoredBytes = 2 * maxOutputBytesPerInvocation

/**
 * Stores chunks of output; repeated chunks are ignored. Only the invocation's own instance can add
 * output, and only up to the limit of one invocation.
 */
export async function insertOutputChunks(
  connection: Connection,
  chunks: readonly (OutputChunkRow & { readonly instanceId: InstanceId })[],
): Promise<StoredOutput> {
  if (chunks.length === 0) return { bytes: new Map(), firstAfterSeconds: [] }
  const { rows } = await sql<{ id: InvocationId; bytes: number; firstAfterSeconds: number | null }>`
    with stored as (
      insert into output_chunks (invocation_id, stream, start_byte, at, data)
      select c.invocation_id, c.stream, c.start_byte, c.at, c.data
      from unnest(
        ${chunks.map((chunk) => chunk.invocationId)}::text[], ${chunks.map((chunk) => chunk.instanceId)}::text[],
        ${chunks.map((chunk) => streamNumbers[chunk.stream])}::smallint[], ${chunks.map((chunk) => chunk.startByte)}::bigint[],
        ${chunks.map((chunk) => chunk.at)}::timestamptz[], ${chunks.map((chunk) => chunk.data)}::bytea[]
      ) as c (invocation_id, instance_id, stream, start_byte, at, data)
      join invocations i on i.id = c.invocation_id and i.instance_id = c.instance_id
      where i.received_bytes < ${maxStoredBytes}
        and i.state in ('sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting', 'lost')
      on conflict do nothing
      returning invocation_id, length(data) as bytes
    )
    select i.id, s.bytes,
      case when i.received_bytes = 0 then extract(epoch from clock_timestamp() - i.queued_at)::float8 end as "firstAfterSeconds"
    from (
      select invocation_id, sum(bytes + ${bytesPerChunk}::int) as bytes from stored group by invocation_id
    ) s
    join invocations i on i.id = s.invocation_id
  `.execute(connection)
  return {
    bytes: new Map(rows.map(({ id, bytes }) => [id, bytes])),
    firstAfterSeconds: rows.flatMap(({ firstAfterSeconds }) => firstAfterSeconds ?? []),
  }
}

/** The output that a statement stored. */
export interface StoredOutput {
  /** Stored bytes by invocation, for `received_bytes`. */
  readonly bytes: ReadonlyMap<InvocationId, number>
  /** For each invocation that had no output before: the time since it was queued. */
  readonly firstAfterSeconds: readonly number[]
}

/** The position of a chunk in the output of an execution. */
export interface OutputRowPlace {
  readonly ordinal: number
  readonly attempt: number
  readonly at: Date
  readonly stream: number
  readonly startByte: number
}

/**
 * Output of an execution by task, then attempt, then time; one page after a position. Reads no more
 * than the page.
 */
export async function listOutputChunks(
  connection: Connection,
  filter: {
    readonly executionId: ExecutionId
    readonly instanceId?: string | undefined
    readonly stream?: OutputStream | undefined
    readonly after?: OutputRowPlace | undefined
    readonly limit: number
  },
) {
  const { executionId, instanceId, stream, after, limit } = filter
  const { rows } = await sql<StoredChunk>`
    select ${columns}
    from (
      select id, execution_id, ordinal, attempt from invocations
      where execution_id = ${executionId}
        ${instanceId === undefined ? sql`` : ofInstance(executionId, instanceId)}
        ${after === undefined ? sql`` : sql`and (ordinal, attempt) >= (${after.ordinal}, ${after.attempt})`}
      order by ordinal, attempt
    ) i
    cross join lateral (
      select * from output_chunks
      where invocation_id = i.id
        ${stream === undefined ? sql`` : sql`and stream = ${streamNumbers[stream]}`}
        ${
          after === undefined
            ? sql``
            : sql`and ((i.ordinal, i.attempt) <> (${after.ordinal}, ${after.attempt})
                or (at, stream, start_byte) > (${after.at}, ${after.stream}, ${after.startByte}))`
        }
      offset 0
    ) c
    join task_executions t on t.execution_id = i.execution_id and t.ordinal = i.ordinal
    order by i.ordinal, i.attempt, c.at, c.stream, c.start_byte
    limit ${limit}
  `.execute(connection)
  return rows.map(nameStream)
}

export interface InvocationPlace {
  readonly id: InvocationId
  readonly ordinal: number
  readonly attempt: number
}

/**
 * Invocations of an execution in order; with `endedWithinMs` only open ones and those that ended no
 * longer ago.
 */
export async function listInvocationPlaces(
  connection: Connection,
  filter: {
    readonly executionId: ExecutionId
    readonly instanceId?: string | undefined
    readonly endedWithinMs?: number | undefined
    readonly after?: InvocationPlace | undefined
    readonly limit: number
  },
): Promise<InvocationPlace[]> {
  const { executionId, instanceId, endedWithinMs, after, limit } = filter
  const { rows } = await sql<InvocationPlace>`
    select id, ordinal, attempt from invocations
    where execution_id = ${executionId}
      ${instanceId === undefined ? sql`` : ofInstance(executionId, instanceId)}
      ${
        endedWithinMs === undefined
          ? sql``
          : sql`and (ended_at is null or ended_at > now() - ${endedWithinMs} * interval '1 millisecond')`
      }
      ${after === undefined ? sql`` : sql`and (ordinal, attempt) > (${after.ordinal}, ${after.attempt})`}
    order by ordinal, attempt
    limit ${limit}
  `.execute(connection)
  return rows
}

/** The number of bytes from the start of a stream that a follower has received. */
export interface SeenOutput {
  readonly invocationId: InvocationId
  readonly stream: number
  readonly bytes: number
}

/** The stored numbers of the streams. */
export const streamNumbersInOrder: readonly number[] = Object.values(streamNumbers)

/** A page of output after what a follower has received of these streams, each in order. */
export async function listNewOutputChunks(connection: Connection, seen: readonly SeenOutput[], limit: number) {
  const { rows } = await sql<StoredChunk>`
    select ${columns}
    from unnest(
      ${seen.map(({ invocationId }) => invocationId)}::text[], ${seen.map(({ stream }) => stream)}::smallint[],
      ${seen.map(({ bytes }) => bytes)}::bigint[]
    ) with ordinality as s (invocation_id, stream, bytes, place)
    cross join lateral (
      select * from output_chunks
      where invocation_id = s.invocation_id and stream = s.stream and start_byte >= s.bytes
      order by start_byte
      limit ${limit}
    ) c
    join invocations i on i.id = c.invocation_id
    join task_executions t on t.execution_id = i.execution_id and t.ordinal = i.ordinal
    order by s.place, c.start_byte
    limit ${limit}
  `.execute(connection)
  return rows.map(nameStream)
}

const ofInstance = (executionId: ExecutionId, instanceId: string) => sql`
  and ordinal = (select ordinal from task_executions where execution_id = ${executionId} and instance_id = ${instanceId})`

type StoredChunk = OutputRowPlace & {
  readonly invocationId: InvocationId
  readonly instanceId: string
  readonly instanceName: string
  readonly data: Buffer
}

const columns =
  sql.raw(`c.invocation_id as "invocationId", t.instance_id as "instanceId", t.instance_name as "instanceName",
  t.ordinal, i.attempt, c.stream, c.start_byte as "startByte", c.at, c.data`)

const nameStream = (row: StoredChunk) => ({
  ...row,
  streamName: row.stream === streamNumbers.stdout ? ('stdout' as const) : ('stderr' as const),
})
