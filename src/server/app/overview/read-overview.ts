import { type ActivityPoint, fillActivity } from '../../../core/execution/activity.ts'
import type { ExecutionStatus } from '../../../core/execution/execution.ts'
import type { NarrowExecutionRow } from '../../../store/execution/executions.ts'
import {
  type AwayInstance,
  type BrokenInstall,
  type CoverageCounts,
  countExecutionsByStatus,
  countInstanceRows,
  type InstanceCounts,
  listAwayInstances,
  listBrokenInstalls,
  listCoverage,
  listFailedExecutions,
} from '../../../store/execution/overview.ts'
import { listNotAdmitted, type NotAdmittedList } from '../../../store/instance/admissions.ts'
import { listActivity, listPermittedActivity } from '../../../store/task/task-activity.ts'
import { listTaskCounts } from '../../../store/task/task-counts.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'
import { type ExecutionSummaryRecord, readExecutions } from '../execution/read-executions.ts'

export interface Overview {
  readonly at: Date
  readonly instances: InstanceCounts
  readonly executionCounts: ReadonlyMap<ExecutionStatus, number>
  readonly recent: readonly ExecutionSummaryRecord[]
  readonly waiting: readonly ExecutionSummaryRecord[]
  readonly failed: readonly ExecutionSummaryRecord[]
  readonly coverage: readonly CoverageCounts[]
  readonly broken: readonly BrokenInstall[]
  readonly away: readonly AwayInstance[]
  readonly pending: NotAdmittedList
  readonly quarantined: NotAdmittedList
  readonly activity: { readonly unit: 'hour' | 'day'; readonly points: readonly ActivityPoint[] }
}

const dayMs = 86_400_000
/** Entries per list of the summary; the lists themselves have the rest. */
const shown = 10

/**
 * The state of the account as far as the actor may see it: counters and the first entries that need an operator. The cost does not
 * depend on the number of past tasks.
 */
export async function readOverview(
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  { days }: { readonly days: number },
): Promise<Overview> {
  const { database, clock } = context
  const { accountId } = actor
  const instanceFilter = findPermitted(context, actor, 'ecs:DescribeInstances', 'instance')
  const permitted = findPermitted(context, actor, 'oos:ListExecutions', 'execution')
  const now = clock.now()
  const yesterday = new Date(now - dayMs)
  const unit = days <= 2 ? 'hour' : 'day'
  const from = now - days * dayMs
  const [instances, statuses, recent, waiting, failedRows, coverage, broken, away, pending, quarantined, activity] =
    await Promise.all([
      countInstanceRows(database, accountId, yesterday, instanceFilter),
      countExecutionsByStatus(database, accountId, yesterday, permitted),
      readExecutions({ database }, actor, { permitted }, { limit: shown }),
      readExecutions({ database }, actor, { permitted, status: 'Waiting' }, { limit: shown }),
      listFailedExecutions(database, accountId, yesterday, shown, permitted),
      listCoverage(database, accountId, instanceFilter),
      listBrokenInstalls(database, accountId, shown, instanceFilter),
      listAwayInstances(database, accountId, yesterday, shown, instanceFilter),
      listNotAdmitted(database, accountId, 'pending', shown, instanceFilter),
      listNotAdmitted(database, accountId, 'quarantined', shown, instanceFilter),
      permitted === 'all'
        ? listActivity(database, accountId, { since: new Date(from), unit })
        : listPermittedActivity(database, accountId, { since: new Date(from), unit, permitted }),
    ])
  return {
    at: new Date(now),
    instances,
    executionCounts: new Map(statuses.map(({ status, count }) => [status, count])),
    recent,
    waiting,
    failed: await withCounts(database, failedRows),
    coverage,
    broken,
    away,
    pending,
    quarantined,
    activity: {
      unit,
      points: fillActivity(
        activity.map((row) => ({ ...row, at: row.at.getTime() })),
        { from, to: now, unit },
      ),
    },
  }
}

async function withCounts(
  database: AppContext['database'],
  executions: readonly NarrowExecutionRow[],
): Promise<ExecutionSummaryRecord[]> {
  const counts = await listTaskCounts(
    database,
    executions.map(({ id }) => id),
  )
  return executions.map((execution) => ({ execution, counts: counts.get(execution.id) ?? [] }))
}
