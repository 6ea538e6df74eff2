import { estimateEnd } from '../../../core/execution/estimate-end.ts'
import { isEnded } from '../../../core/execution/execution.ts'
import { totalTasks } from '../../../core/execution/task-counts.ts'
import { listLastEnds, listWaitsFor, type WaitsFor } from '../../../store/execution/execution-progress.ts'
import type { Actor, AppContext } from '../context.ts'
import { readExecution } from './read-executions.ts'

export interface ExecutionProgress {
  readonly elapsedMs: number
  readonly expectedEndAt: Date | undefined
  /** Tasks that have ended, of those that were not ended by the plan. */
  readonly done: number
  readonly left: number
  readonly errors: { readonly count: number; readonly max: number }
  readonly waitsFor: readonly WaitsFor[]
}

/** Enough for a pace that does not jump. */
const endsLookedAt = 200
const maxWaitsFor = 20

/** How far an execution is, when it will be over, and what it waits for. Its cost does not grow with its tasks. @throws ExecutionNotFound */
export async function readProgress(
  context: Pick<AppContext, 'database' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionProgress> {
  const { execution, counts } = await readExecution(context, actor, id)
  const now = context.clock.now()
  const totals = totalTasks(counts, ({ batch }) => batch > 0)
  const left = totals.Pending + totals.Running
  const isOver = isEnded(execution.status)
  const [ends, waitsFor] = isOver
    ? [[], []]
    : await Promise.all([
        listLastEnds(context.database, execution.id, endsLookedAt),
        listWaitsFor(context.database, actor.accountId, execution.id, maxWaitsFor),
      ])
  const expected = estimateEnd({
    status: execution.status,
    now,
    left,
    endedAt: ends.map((at) => at.getTime()),
  })
  const from = (execution.started_at ?? execution.created_at).getTime()
  return {
    elapsedMs: Math.max(0, (execution.ended_at?.getTime() ?? now) - from),
    expectedEndAt: expected === undefined ? undefined : new Date(expected),
    done: totals.Success + totals.Failed + totals.Cancelled + totals.Skipped,
    left,
    errors: { count: totals.Failed, max: execution.rate_control.maxErrors },
    waitsFor,
  }
}
