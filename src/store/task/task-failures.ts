import { sql } from 'kysely'
import type { TaskReasonCode } from '../../core/execution/execution.ts'
import type { AccountId, ExecutionId, InstanceId, InvocationId } from '../../core/id.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { reasonOfRow } from '../database/stored-reason.ts'

export interface LastOutput {
  readonly id: InvocationId
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** A script that prints line by line has its last lines in several chunks. */
const lastPieces = 8

/** The last output of invocations: some chunks of each stream, up to the given bytes of each. */
export async function listLastOutput(
  connection: Connection,
  ids: readonly InvocationId[],
  maxPieceBytes: number,
): Promise<LastOutput[]> {
  const lastOf = (stream: 1 | 2) => sql`coalesce((
    select string_agg(data, ''::bytea order by start_byte) from (
      select start_byte, substring(data from greatest(1, length(data) - ${maxPieceBytes} + 1)) as data
      from output_chunks
      where invocation_id = i.id and stream = ${sql.lit(stream)}
      order by start_byte desc
      limit ${sql.lit(lastPieces)}
    ) pieces
  ), ''::bytea)`
  const { rows } = await sql<LastOutput>`
    select i.id, ${lastOf(1)} as stdout, ${lastOf(2)} as stderr from unnest(${ids}::text[]) as i (id)
  `.execute(connection)
  return rows
}

export interface FailureRow {
  readonly executionId: ExecutionId
  readonly key: string
  readonly lines: readonly string[]
}

/** Existing rows are unchanged. */
export async function insertFailures(connection: Connection, failures: readonly FailureRow[]): Promise<void> {
  if (failures.length === 0) return
  await sql`
    insert into task_failures (execution_id, failure_key, account_id, lines)
    select distinct on (f.execution_id, f.failure_key) f.execution_id, f.failure_key, e.account_id,
      array(select jsonb_array_elements_text(f.lines))
    from unnest(
      ${failures.map((failure) => failure.executionId)}::text[], ${failures.map((failure) => failure.key)}::text[],
      ${failures.map((failure) => JSON.stringify(failure.lines))}::jsonb[]
    ) as f (execution_id, failure_key, lines)
    join executions e on e.id = f.execution_id
    order by f.execution_id, f.failure_key
    on conflict do nothing
  `.execute(connection)
}

/** Failed tasks of one group: by output, or without output by reason and exit code. */
export type CountedFailures =
  | { readonly failureKey: string }
  | { readonly reasonCode: string; readonly exitCode: number | null }

export interface FailureGroupRow {
  /** Empty: there was no output. */
  readonly failureKey: string
  readonly reasonCode: TaskReasonCode
  readonly exitCode: number | null
  readonly count: number
  readonly lines: readonly string[] | null
  readonly samples: readonly {
    readonly instanceId: InstanceId
    readonly instanceName: string
    readonly reason: Reason
  }[]
}

const sampleCount = 3

/**
 * The failed tasks of an execution in groups, largest first, each with the first of its instances.
 */
export async function listFailureGroups(
  connection: Connection,
  accountId: AccountId,
  executionId: ExecutionId,
  limit: number,
): Promise<FailureGroupRow[]> {
  const { rows } = await sql<FailureGroupRow>`
    with groups as materialized (
      select failure_key, reason_code, exit_code, count(*) as n from task_executions
      where execution_id = ${executionId} and account_id = ${accountId} and status = 'Failed'
      group by failure_key, reason_code, exit_code
      order by n desc, failure_key, reason_code, exit_code
      limit ${limit}
    )
    select g.failure_key as "failureKey", g.reason_code as "reasonCode", g.exit_code as "exitCode", g.n as count, f.lines, s.samples
    from groups g
    left join task_failures f on f.execution_id = ${executionId} and f.failure_key = g.failure_key
    cross join lateral (
      select jsonb_agg(jsonb_build_object('instanceId', instance_id, 'instanceName', instance_name, 'reason', ${reasonOfRow('first')}) order by ordinal) as samples
      from (
        select instance_id, instance_name, reason, reason_messages, ordinal from task_executions t
        where t.execution_id = ${executionId} and t.status = 'Failed' and t.failure_key = g.failure_key
          and t.reason_code = g.reason_code and t.exit_code is not distinct from g.exit_code
        order by t.ordinal
        limit ${sampleCount}
      ) first
    ) s
    order by g.n desc, g.failure_key, g.reason_code, g.exit_code
  `.execute(connection)
  return rows
}

/** A condition on task_executions. */
export const inFailureGroup = (group: CountedFailures) =>
  'failureKey' in group
    ? sql<boolean>`(status = 'Failed' and failure_key = ${group.failureKey})`
    : sql<boolean>`(status = 'Failed' and failure_key = '' and reason_code = ${group.reasonCode}
        and exit_code is not distinct from ${group.exitCode}::int)`
