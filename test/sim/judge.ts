import { absenceRules } from './absence-rules.ts'
import { gateRules } from './gate-rules.ts'
import { partRules } from './part-rules.ts'
import { cancelIsQuick, progressRules } from './progress-rules.ts'
import type { Rows } from './rows.ts'
import type { SimEvent } from './sim-event.ts'
import { startRules } from './start-rules.ts'
import { truthRules } from './truth-rules.ts'

export interface Violation {
  /** The name of the rule: the sentence that is violated. */
  readonly rule: string
  readonly what: string
  readonly at: number
}

/** Ends a run: events after the first violation have no meaning. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
  readonly violation: Violation
  constructor(violation: Violation) {
    super(`${violation.rule}: ${violation.what}`)
    this.violation = violation
  }
}

/** Checks every event of one run against every rule. Throws RuleBroken. */
export function createJudge(sweepEveryMs: number | undefined): (event: SimEvent, rows: Rows) => void {
  const rules = [
    ...startRules,
    ...gateRules,
    ...partRules,
    ...truthRules,
    ...progressRules,
    ...absenceRules,
    cancelIsQuick(sweepEveryMs),
  ]
  const watchers = rules.map(({ name, create }) => ({ name, see: create() }))
  return (event, rows) => {
    for (const { name, see } of watchers) {
      const what = see(event, rows)
      if (what !== undefined) throw new RuleBroken({ rule: name, what, at: rows.now() })
    }
  }
}
