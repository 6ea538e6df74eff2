import { sql } from 'kysely'
import type { OperationPart } from '../../core/execution/operation.ts'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * Inserts the extensions of an execution of several; `sealed` contains the secret values of each,
 * as in executions.
 */
export async function insertExecutionParts(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly accountId: AccountId },
  parts: readonly OperationPart[],
  sealed: readonly (Buffer | null)[],
): Promise<void> {
  await connection
    .insertInto('execution_parts')
    .values(
      parts.map((part, index) => ({
        execution_id: execution.id,
        part: index,
        account_id: execution.accountId,
        extension_id: part.extensionId,
        extension_name: part.extensionName,
        version: part.version,
        parameters: JSON.stringify(part.parameters),
        parameters_digest: part.parametersDigest,
        secret_parameters_sealed: sealed[index] ?? null,
      })),
    )
    .execute()
}

export interface PartSecretsRow {
  readonly executionId: ExecutionId
  readonly part: number
  readonly sealed: Buffer | null
}

/** The secret values of all parts of some executions. */
export async function listPartSecrets(
  connection: Connection,
  executionIds: readonly ExecutionId[],
): Promise<PartSecretsRow[]> {
  if (executionIds.length === 0) return []
  const { rows } = await sql<PartSecretsRow>`
    select execution_id as "executionId", part, secret_parameters_sealed as sealed
    from execution_parts
    where execution_id = any(${executionIds})
    order by execution_id, part
  `.execute(connection)
  return rows
}
