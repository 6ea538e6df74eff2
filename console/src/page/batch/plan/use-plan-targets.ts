import type { PlanView } from '../../../../../src/protocol/api/plan/plans.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { PlannedRow } from '../targets/filter-plan.ts'

/** All targets of a plan: the first page is included, further pages are loaded. */
export function usePlanTargets({ id, targets, nextToken }: PlanView) {
  const all = useQuery(nextToken && `plans/${id}/targets`, async (client) => {
    const rows: PlannedRow[] = [...targets]
    for (let token: string | undefined = nextToken; token !== undefined; ) {
      const page = await client.executions.listPlanTargets(id, { nextToken: token })
      rows.push(...page.items)
      token = page.nextToken
    }
    return rows
  })
  const isWhole = nextToken === undefined || (all.data !== undefined && !all.isOld)
  return {
    rows: isWhole && nextToken !== undefined ? (all.data ?? targets) : targets,
    isWhole,
    error: all.error,
    refresh: all.refresh,
  }
}
