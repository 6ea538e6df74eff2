import type { ExecutionId } from '../../../core/id.ts'
import { listOwnExecutionIds } from '../../../store/execution/executions.ts'
import type { Actor, AppContext } from '../context.ts'

/** Those of some ids that are executions of the account. */
export const findOwnExecutions = async (
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  ids: readonly string[],
): Promise<ExecutionId[]> => (ids.length === 0 ? [] : listOwnExecutionIds(database, accountId, ids))
