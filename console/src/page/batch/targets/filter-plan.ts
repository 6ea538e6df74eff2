import { isWork, type PlanStep } from '../../../../../src/core/plan/plan.ts'
import type { PlanView } from '../../../../../src/protocol/api/executions.ts'

export type PlannedRow = PlanView['targets'][number]

/** The order in which steps are counted: what is done first, then what is not. */
export const shownSteps = [
  'install',
  'update',
  'verify',
  'uninstall',
  'run',
  'none',
  'skip',
] as const satisfies readonly PlanStep[]

/** The rows of a step (`changes`: of every step that changes something; absent: all) that hold a text in id, name or reason, in any case. */
export function filterPlan(
  rows: readonly PlannedRow[],
  { step, text }: { readonly step: PlanStep | 'changes' | undefined; readonly text: string },
): readonly PlannedRow[] {
  const wanted = text.trim().toLowerCase()
  if (step === undefined && wanted === '') return rows
  return rows.filter(
    (row) =>
      (step === undefined || (step === 'changes' ? isWork(row) : row.step === step)) &&
      (wanted === '' ||
        [row.instanceId, row.instanceName, row.reason].some((field) => field.toLowerCase().includes(wanted))),
  )
}

/** How many targets a plan changes. */
export const countPlan = ({ counts, targetCount }: Pick<PlanView, 'counts' | 'targetCount'>) => ({
  changes: targetCount - (counts['none'] ?? 0) - (counts['skip'] ?? 0),
})
