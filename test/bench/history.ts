import type { Client as Database } from 'pg'
import { makeSimulatedFacts } from '../../src/agent/facts/simulated-facts.ts'

export interface History {
  readonly instances: number
  /** Tasks of each execution, oldest first. */
  readonly executions: readonly number[]
}

const facts = Array.from({ length: 20 }, (_, index) =>
  JSON.stringify(makeSimulatedFacts(1, index, 'old-host', '0.1.0')),
)

/** The id of an instance that `insertInstances` created; numbers start at 1. */
export const oldInstanceId = (ordinal: number) => `i-old${String(ordinal).padStart(13, '0')}`
export const oldExecutionId = (ordinal: number) => `exec-old${String(ordinal).padStart(13, '0')}`

/**
 * Rows of offline instances, for a fleet that is larger than the number of connections one machine
 * can hold.
 */
export async function insertInstances(database: Database, count: number, namePrefix: string): Promise<void> {
  await database.query(
    `insert into instances (id, account_id, name, public_key, tags, resource_group, facts, last_seen_at)
     select 'i-old' || lpad(n::text, 13, '0'), (select min(id) from accounts), $2 || lpad(n::text, 6, '0'),
       decode(md5(n::text) || md5('x' || n), 'hex'),
       jsonb_build_object('env', case n % 10 when 0 then 'test' else 'prod' end, 'rack', 'r' || n % 200),
       'group-' || n % 50, ($3::jsonb[])[1 + n % 20], now() - n * interval '1 second'
     from generate_series(1, $1) n`,
    [count, namePrefix, facts],
  )
}

/** Ended executions with all their rows: tasks, counters, invocations, output, installed state. */
export async function insertHistory(database: Database, extension: string, history: History): Promise<void> {
  const { rows } = await database.query<{ id: string; account: string }>(
    'select id, account_id as account from extensions where name = $1',
    [extension],
  )
  const { id: extensionId, account } = rows[0] as { id: string; account: string }
  const operation = {
    kind: 'extension',
    action: 'install',
    extensionId,
    extensionName: extension,
    version: 1,
    parameters: {},
    parametersDigest: '',
  }
  const rateControl = { mode: 'Concurrency', concurrency: 1_000, maxErrors: 0, batchSizes: [], batchPause: 'Automatic' }
  for (const [index, size] of history.executions.entries()) {
    await insertExecution(database, {
      index,
      size,
      account,
      extensionId,
      operation,
      rateControl,
      instances: history.instances,
    })
  }
  await database.query(
    `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
     select id, $1, account_id, 'installed', 1, 'c1', '', $2 from instances where id like 'i-old%'`,
    [extensionId, oldExecutionId(1)],
  )
  await database.query(
    'analyze instances, executions, task_executions, task_counts, invocations, output_chunks, installed_states',
  )
}

async function insertExecution(
  database: Database,
  one: {
    readonly index: number
    readonly size: number
    readonly account: string
    readonly extensionId: string
    readonly operation: object
    readonly rateControl: { readonly batchSizes: readonly number[] }
    readonly instances: number
  },
): Promise<void> {
  const { index, size, account, extensionId, operation, instances } = one
  const id = oldExecutionId(index + 1)
  const rateControl = { ...one.rateControl, batchSizes: [size] }
  await database.query(
    `insert into executions (id, account_id, request_digest, operation, extension_id, targets, rate_control, mode, delivery_timeout_ms,
       created_by, status, reason_code, reason, task_count, open_batch, created_at, started_at, ended_at)
     values ($1, $2, '', $3, $4, '{"kind":"all"}', $5, 'Automatic', 600000, 'bench', 'Failed', 'TargetsFailed', '', $6, 1,
       now() - $7 * interval '1 minute', now() - $7 * interval '1 minute', now() - $7 * interval '1 minute')`,
    [id, account, operation, extensionId, rateControl, size, 1_000 - index],
  )
  await database.query(
    `insert into task_executions (execution_id, ordinal, account_id, batch, instance_id, instance_name, step, status, reason_code, reason,
       to_version, configuration_id, attempt, timeout_ms, exit_code, revision, started_at, ended_at)
     select $1, n, $2, 1, 'i-old' || lpad((1 + (n + $4) % $5)::text, 13, '0'), 'old-' || lpad((1 + (n + $4) % $5)::text, 6, '0'), 'install',
       case n % 500 when 0 then 'Failed' else 'Success' end, case n % 500 when 0 then 'ScriptFailed' else 'Succeeded' end,
       'The install script of v1 ended.', 1, 'c1', 1, 60000, case n % 500 when 0 then 1 else 0 end, 1 + n, now(), now()
     from generate_series(1, $3::int) n`,
    [id, account, size, index * 7_919, instances],
  )
  await database.query(
    `insert into task_counts (execution_id, batch, status, reason_code, n)
     select execution_id, batch, status, reason_code, count(*) from task_executions where execution_id = $1 group by 1, 2, 3, 4`,
    [id],
  )
  await database.query(
    `insert into invocations (id, execution_id, ordinal, attempt, account_id, instance_id, state, deadline_at, timeout_ms, ended_at, stdout_bytes)
     select 'inv-' || substr(execution_id, 6) || '-' || ordinal || '-1', execution_id, ordinal, 1, account_id, instance_id,
       case status when 'Success' then 'succeeded' else 'failed' end, now(), 60000, now() - interval '1 hour', 200
     from task_executions where execution_id = $1`,
    [id],
  )
  await database.query(
    `insert into output_chunks (invocation_id, stream, start_byte, at, data)
     select id, 1, 0, now() - interval '1 hour', decode(repeat('6f757470757420', 28), 'hex') from invocations where execution_id = $1`,
    [id],
  )
}
