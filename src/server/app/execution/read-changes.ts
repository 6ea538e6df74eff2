import type { ExecutionId } from '../../../core/id.ts'
import { type ChangeCount, getRollback, listChangeCounts } from '../../../store/execution/state-changes.ts'
import type { Actor, AppContext } from '../context.ts'

/** What an execution changed, and the rollback of it. */
export interface ExecutionChanges {
  readonly rolledBackBy: ExecutionId | undefined
  readonly changes: readonly ChangeCount[]
}

export async function readChanges(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  id: ExecutionId,
): Promise<ExecutionChanges> {
  return {
    rolledBackBy: await getRollback(database, accountId, id),
    changes: await listChangeCounts(database, accountId, id),
  }
}
