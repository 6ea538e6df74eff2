import type { ExecutionId } from '../../../core/id.ts'
import { type ExecutionSummaryRecord, readAskedFor, readExecutions } from '../../app/execution/read-executions.ts'
import type { OosCall } from '../operation.ts'
import { type Origin, originOf } from './origin.ts'
import { maxTargetsLength } from './show-execution.ts'

/** An execution with its original request. */
export interface ShownExecution {
  readonly view: ExecutionSummaryRecord
  readonly origin: Origin
}

/** Loads an execution with its original request; undefined if the account has none with this id. */
export async function readShown({ context, actor }: OosCall, id: string): Promise<ShownExecution | undefined> {
  const [view] = await readExecutions(context, actor, { id }, { limit: 1 })
  if (!view) return undefined
  const askedFor = await readAskedFor(context, actor, [id as ExecutionId], maxTargetsLength)
  return { view, origin: originOf(view, askedFor.get(id as ExecutionId), context.region) }
}
