import { renewWaitingInvocations } from '../../../store/report/invocations.ts'
import type { NamedInvocations } from '../../../store/report/known-invocations.ts'
import type { AppContext } from '../context.ts'

/** Agents say that they still have these and have not begun them: they may be away for as long as if it were still to be delivered. */
export const renewWaiting = ({ database }: Pick<AppContext, 'database'>, agents: readonly NamedInvocations[]) =>
  renewWaitingInvocations(database, agents)
