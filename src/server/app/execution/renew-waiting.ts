import { renewWaitingInvocations } from '../../../store/report/invocations.ts'
import type { NamedInvocations } from '../../../store/report/known-invocations.ts'
import type { AppContext } from '../context.ts'

/** Agents report that they still have these waiting: restarts the delivery timeout of each. */
export const renewWaiting = ({ database }: Pick<AppContext, 'database'>, agents: readonly NamedInvocations[]) =>
  renewWaitingInvocations(database, agents)
