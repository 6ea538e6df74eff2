import { sql } from 'kysely'
import type { ExecutionId, InstanceId, InvocationId } from '../core/id.ts'
import { maxOutputBytesPerInvocation } from '../core/limits.ts'
import type { Connection } from './database.ts'

/** Stored number of a stream; never renumbered. */
const streamNumbers = { stdout: 1, stderr: 2 } as const
export type OutputStream = keyof typeof streamNumbers

export interface OutputChunk {
  readonly invocationId: InvocationId
  readonly stream: OutputStream
  readonly startByte: number
  readonly at: Date
  readonly data: Buffer
}

/** What a piece costs beside its data: many small ones fill a disk as well as few large ones. */
const bytesPerChunk = 32
/** Twice what an honest agent sends, so that the price of the pieces cuts nobody who does not send crumbs only. */
const maxStoredBytes = 2 * maxOutputBytesPerInvocation

/**
 * Stores pieces of output; a piece that is there already is an echo. Only the instance that was given an invocation can add to it,
 * and only as much as one invocation may print. Returns what was stored now: bytes by invocation, for `received_bytes`.
 */
export async function insertOutputChunks(
  connection: Connection,
  chunks: readonly (OutputChunk & { readonly instanceId: InstanceId })[],
): Promise<Map<InvocationId, number>> {
  if (chunks.length === 0) return new Map()
  const { rows } = await sql<{ id: InvocationId; bytes: number }>`
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
        and i.state in ('sent', 'accepted', 'downloading', 'running', 'verifying', 'lost')
      on conflict do nothing
      returning invocation_id, length(data) as bytes
    )
    select invocation_id as id, sum(bytes + ${bytesPerChunk}::int) as bytes from stored group by invocation_id
  `.execute(connection)
  return new Map(rows.map(({ id, bytes }) => [id, bytes]))
}

export interface OutputPlace {
  readonly ordinal: number
  readonly attempt: number
  readonly at: Date
  readonly stream: number
  readonly startByte: number
}

/** Output of an execution by task, then attempt, then time; a page at a time, continuing after a place. */
export async function listOutputChunks(
  connection: Connection,
  filter: {
    readonly executionId: ExecutionId
    readonly instanceId?: string | undefined
    readonly stream?: OutputStream | undefined
    readonly after?: OutputPlace | undefined
    readonly limit: number
  },
) {
  const { executionId, instanceId, stream, after, limit } = filter
  const { rows } = await sql<StoredChunk>`
    select ${columns}
    from task_executions t
    join invocations i on i.execution_id = t.execution_id and i.ordinal = t.ordinal
    join output_chunks c on c.invocation_id = i.id
    where t.execution_id = ${executionId}
      ${instanceId === undefined ? sql`` : sql`and t.instance_id = ${instanceId}`}
      ${stream === undefined ? sql`` : sql`and c.stream = ${streamNumbers[stream]}`}
      ${
        after === undefined
          ? sql``
          : sql`and t.ordinal >= ${after.ordinal} and (t.ordinal, i.attempt, c.at, c.stream, c.start_byte)
              > (${after.ordinal}, ${after.attempt}, ${after.at}, ${after.stream}, ${after.startByte})`
      }
    order by t.ordinal, i.attempt, c.at, c.stream, c.start_byte
    limit ${limit}
  `.execute(connection)
  return rows.map(nameStream)
}

/** How long after its end a follower still looks at an invocation: its last output is committed with its end or before. */
const recentMs = 30_000

/**
 * Output beyond what a follower has seen (bytes per `<invocation id> <stream number>`), each stream in order. Unless `all`, only of
 * invocations that are open or ended lately.
 */
export async function listNewOutputChunks(
  connection: Connection,
  filter: {
    readonly executionId: ExecutionId
    readonly instanceId?: string | undefined
    readonly seen: ReadonlyMap<string, number>
    readonly all: boolean
    readonly limit: number
  },
) {
  const { executionId, instanceId, seen, all, limit } = filter
  const { rows } = await sql<StoredChunk>`
    select ${columns}
    from invocations i
    join task_executions t on t.execution_id = i.execution_id and t.ordinal = i.ordinal
    join output_chunks c on c.invocation_id = i.id
    left join unnest(${[...seen.keys()]}::text[], ${[...seen.values()]}::bigint[]) as s (key, bytes)
      on s.key = i.id || ' ' || c.stream
    where i.execution_id = ${executionId} and c.start_byte >= coalesce(s.bytes, 0)
      ${instanceId === undefined ? sql`` : sql`and i.instance_id = ${instanceId}`}
      ${all ? sql`` : sql`and (i.ended_at is null or i.ended_at > now() - ${recentMs} * interval '1 millisecond')`}
    order by i.id, c.stream, c.start_byte
    limit ${limit}
  `.execute(connection)
  return rows.map(nameStream)
}

type StoredChunk = OutputPlace & {
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
