import { chandlerError } from '../../../core/error/errors.ts'
import type { AccountId, ExecutionId } from '../../../core/id.ts'
import type { Connection } from '../../../store/database/database.ts'
import { getRollback } from '../../../store/execution/state-changes.ts'

/** @throws ExecutionRolledBack */
export async function refuseSecondRollback(
  connection: Connection,
  accountId: AccountId,
  id: ExecutionId,
): Promise<void> {
  const rollback = await getRollback(connection, accountId, id)
  if (rollback) throw chandlerError('ExecutionRolledBack', { id, rollback }, { executionId: rollback })
}
