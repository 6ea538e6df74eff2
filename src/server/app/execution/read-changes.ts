import type { GateProgress } from '../../../core/gate/gate.ts'
import type { ExecutionId } from '../../../core/id.ts'
import { type DecisionRow, getLatestGate, listDecisions } from '../../../store/execution/execution-gates.ts'
import { type ChangeCount, getRollback, listChangeCounts } from '../../../store/execution/state-changes.ts'
import type { Actor, AppContext } from '../context.ts'

/** What an execution changed, and the rollback of it. */
export interface ExecutionChanges {
  readonly rolledBackBy: ExecutionId | undefined
  readonly changes: readonly ChangeCount[]
  /** The latest gate that it was at. */
  readonly gate: GateProgress | undefined
  /** The latest decisions at approval gates. */
  readonly decisions: readonly DecisionRow[]
}

const maxDecisions = 100

export async function readChanges(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  id: ExecutionId,
): Promise<ExecutionChanges> {
  return {
    rolledBackBy: await getRollback(database, accountId, id),
    changes: await listChangeCounts(database, accountId, id),
    gate: await getLatestGate(database, id),
    decisions: await listDecisions(database, id, maxDecisions),
  }
}
