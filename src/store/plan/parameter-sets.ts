import { sql } from 'kysely'
import type { InstalledValues, ParameterChange } from '../../core/extension/effective-parameters.ts'
import type { ParameterValues } from '../../core/extension/extension.ts'
import type { AccountId, ExecutionId, ExtensionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface ParameterSetRow {
  readonly part: number
  readonly number: number
  readonly extensionId: ExtensionId
  readonly parameters: ParameterValues
  readonly parametersDigest: string
  readonly sealed: Buffer | null
  readonly changes: readonly ParameterChange[]
}

const insertSize = 10_000

export async function insertParameterSets(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly accountId: AccountId },
  sets: readonly ParameterSetRow[],
): Promise<void> {
  for (let start = 0; start < sets.length; start += insertSize) {
    const rows = sets.slice(start, start + insertSize)
    await sql`
      insert into parameter_sets (execution_id, account_id, part, number, extension_id, parameters, parameters_digest,
        secret_parameters_sealed, changes)
      select ${execution.id}, ${execution.accountId}, * from unnest(
        ${rows.map(({ part }) => part)}::smallint[], ${rows.map(({ number }) => number)}::int[],
        ${rows.map(({ extensionId }) => extensionId)}::text[],
        ${rows.map(({ parameters }) => JSON.stringify(parameters))}::jsonb[],
        ${rows.map(({ parametersDigest }) => parametersDigest)}::text[], ${rows.map(({ sealed }) => sealed)}::bytea[],
        ${rows.map(({ changes }) => JSON.stringify(changes))}::jsonb[]
      )
    `.execute(connection)
  }
}

export interface ParameterSetKey {
  readonly executionId: ExecutionId
  readonly part: number
  readonly number: number
}

/** The parameter sets with these keys. */
export async function listParameterSets(
  connection: Connection,
  keys: readonly ParameterSetKey[],
): Promise<(ParameterSetRow & { readonly executionId: ExecutionId })[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<ParameterSetRow & { readonly executionId: ExecutionId }>`
    select p.execution_id as "executionId", p.part, p.number, p.extension_id as "extensionId", p.parameters,
      p.parameters_digest as "parametersDigest", p.secret_parameters_sealed as sealed, p.changes
    from parameter_sets p
    join (
      select distinct * from unnest(
        ${keys.map(({ executionId }) => executionId)}::text[], ${keys.map(({ part }) => part)}::smallint[],
        ${keys.map(({ number }) => number)}::int[]
      ) as k (execution_id, part, number)
    ) k using (execution_id, part, number)
  `.execute(connection)
  return rows
}

export interface InstalledValuesRow {
  readonly extensionId: ExtensionId
  readonly parametersDigest: string
  readonly open: InstalledValues['open']
  readonly sealed: Buffer | null
  /** The context of the sealed values. */
  readonly executionId: string
}

/**
 * The values with which the account's instances have extensions installed, once per digest: equal
 * digests mean equal values.
 */
export async function listInstalledValues(
  connection: Connection,
  accountId: AccountId,
  installed: readonly { readonly extensionId: ExtensionId; readonly parametersDigest: string }[],
): Promise<InstalledValuesRow[]> {
  if (installed.length === 0) return []
  const { rows } = await sql<InstalledValuesRow>`
    select distinct on (s.extension_id, s.parameters_digest) s.extension_id as "extensionId",
      s.parameters_digest as "parametersDigest", s.parameters as open, s.secret_parameters_sealed as sealed,
      s.execution_id as "executionId"
    from (
      select distinct * from unnest(
        ${installed.map(({ extensionId }) => extensionId)}::text[],
        ${installed.map(({ parametersDigest }) => parametersDigest)}::text[]
      ) as w (extension_id, parameters_digest)
    ) w
    join installed_states s using (extension_id, parameters_digest)
    where s.account_id = ${accountId}
  `.execute(connection)
  return rows
}
