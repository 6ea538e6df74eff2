import { isWork, type PlanStep } from '../../../../../src/core/plan/plan.ts'
import type { PlanView } from '../../../../../src/protocol/api/plan/plans.ts'

export type PlannedRow = PlanView['targets'][number]

/** Order of the step counts: changes first. */
export const shownSteps = [
  'install',
  'update',
  'verify',
  'uninstall',
  'run',
  'none',
  'skip',
] as const satisfies readonly PlanStep[]

/**
 * Rows of a step (`changes`: all changing steps; undefined: all) whose ID, name or reason contains
 * the text, ignoring case.
 * @param explain the reason in the language of the reader
 */
export function filterPlan(
  rows: readonly PlannedRow[],
  { step, text }: { readonly step: PlanStep | 'changes' | undefined; readonly text: string },
  explain: (row: PlannedRow) => string,
): readonly PlannedRow[] {
  const searched = text.trim().toLowerCase()
  if (step === undefined && searched === '') return rows
  return rows.filter(
    (row) =>
      (step === undefined || (step === 'changes' ? isWork(row) : row.step === step)) &&
      (searched === '' ||
        [row.instanceId, row.instanceName, explain(row)].some((field) => field.toLowerCase().includes(searched))),
  )
}

/** Number of targets that the plan changes. */
export const countPlan = ({ counts, targetCount }: Pick<PlanView, 'counts' | 'targetCount'>) => ({
  changes: targetCount - (counts['none'] ?? 0) - (counts['skip'] ?? 0),
})
