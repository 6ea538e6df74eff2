import { sql } from 'kysely'
import { rekeyOperation } from '../../core/execution/operation/operations.ts'
import type { Operation } from '../../core/execution/operation.ts'
import { keyedDigestPrefix } from '../../core/extension/keyed-digest.ts'
import type { ExtensionId, InstanceId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

type Rekey = (digest: string) => string

/** The literal of the partial indexes: PostgreSQL would not use them with a bound value. */
const keyed = sql.lit(`${keyedDigestPrefix}%`)

/**
 * Replaces plain digests of up to `limit` executions of any account; returns how many. Locked rows
 * are skipped.
 */
export async function rekeyExecutions(connection: Connection, rekey: Rekey, limit: number): Promise<number> {
  const { rows } = await sql<{ id: string; digest: string; operation: Operation }>`
    select id, request_digest as digest, operation from executions
    where request_digest not like ${keyed} limit ${limit} for update skip locked
  `.execute(connection)
  if (rows.length === 0) return 0
  await sql`
    update executions e set request_digest = n.digest, operation = n.operation::jsonb
    from unnest(
      ${rows.map(({ id }) => id)}::text[], ${rows.map(({ digest }) => rekey(digest))}::text[],
      ${rows.map(({ operation }) => JSON.stringify(rekeyOperation(operation, rekey)))}::text[]
    ) as n (id, digest, operation)
    where e.id = n.id
  `.execute(connection)
  return rows.length
}

/** Like `rekeyExecutions`, for the parts of executions of several extensions. */
export async function rekeyExecutionParts(connection: Connection, rekey: Rekey, limit: number): Promise<number> {
  const { rows } = await sql<{ id: string; part: number; digest: string }>`
    select execution_id as id, part, parameters_digest as digest from execution_parts
    where parameters_digest not like ${keyed} limit ${limit} for update skip locked
  `.execute(connection)
  if (rows.length === 0) return 0
  await sql`
    update execution_parts p set parameters_digest = n.digest
    from unnest(
      ${rows.map(({ id }) => id)}::text[], ${rows.map(({ part }) => part)}::int[],
      ${rows.map(({ digest }) => rekey(digest))}::text[]
    ) as n (id, part, digest)
    where p.execution_id = n.id and p.part = n.part
  `.execute(connection)
  return rows.length
}

/** Like `rekeyExecutions`, for installed states. */
export async function rekeyInstalledStates(connection: Connection, rekey: Rekey, limit: number): Promise<number> {
  const { rows } = await sql<{ instance: InstanceId; extension: ExtensionId; digest: string }>`
    select instance_id as instance, extension_id as extension, parameters_digest as digest from installed_states
    where parameters_digest not like ${keyed} limit ${limit} for update skip locked
  `.execute(connection)
  if (rows.length === 0) return 0
  await sql`
    update installed_states s set parameters_digest = n.digest
    from unnest(
      ${rows.map(({ instance }) => instance)}::text[], ${rows.map(({ extension }) => extension)}::text[],
      ${rows.map(({ digest }) => rekey(digest))}::text[]
    ) as n (instance_id, extension_id, digest)
    where s.instance_id = n.instance_id and s.extension_id = n.extension_id
  `.execute(connection)
  return rows.length
}
