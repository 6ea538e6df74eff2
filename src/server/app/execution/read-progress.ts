import { estimateEnd } from '../../../core/execution/estimate-end.ts'
import { isEnded } from '../../../core/execution/execution.ts'
import { countRunning, totalTasks } from '../../../core/execution/task-counts.ts'
import { listLastEnds, listWaitsFor, type WaitsFor } from '../../../store/execution/execution-progress.ts'
import type { Actor, AppContext } from '../context.ts'
import { readExecution } from './read-executions.ts'

/** The progress of an execution. */
export interface ExecutionProgress {
  readonly elapsedMs: number
  readonly expectedEndAt: Date | undefined
  /** Ended tasks, except those that the plan itself ended. */
  readonly done: number
  readonly left: number
  readonly errors: { readonly count: number; readonly max: number }
  readonly waitsFor: readonly WaitsFor[]
}

/** Enough for a stable pace. */
const endsLookedAt = 200
const maxWaitsFor = 20

/**
 * The progress of an execution, its expected end, and what it waits for. The cost does not depend
 * on the number of tasks. @throws ExecutionNotFound
 */
export async function readProgress(
  context: Pick<AppContext, 'database' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionProgress> {
  const { execution, counts } = await readExecution(context, actor, id)
  const now = context.clock.now()
  const totals = totalTasks(counts, ({ batch }) => batch > 0)
  const left = totals.Pending + countRunning(totals)
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
