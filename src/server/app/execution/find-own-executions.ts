import type { ExecutionId } from '../../../core/id.ts'
import { listOwnExecutionIds } from '../../../store/execution/executions.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'

/** Those of some ids that are executions of the account that the actor may see. */
export const findOwnExecutions = async (
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  ids: readonly string[],
): Promise<ExecutionId[]> =>
  ids.length === 0
    ? []
    : listOwnExecutionIds(
        context.database,
        actor.accountId,
        ids,
        findPermitted(context, actor, 'oos:ListExecutions', 'execution'),
      )
