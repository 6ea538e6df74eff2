import { expect, test } from 'vitest'
import { findBrokenRun } from './find-broken-run.ts'
import { plantedBugs } from './planted-bugs.ts'

// Reason: a rule that never fails proves nothing. Each planted bug in the decisions must be found
// by its rule.

/** The rarest needs about 1,000 seeds; a run takes a fraction of a millisecond. */
const seeds = 3_000

test.each(plantedBugs.map((bug) => [bug.name, bug] as const))(
  '%s is caught',
  (_, { deciders, seenBy, firstSeed = 1 }) => {
    const seenByOthers = new Set<string>()
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
      const rule = findBrokenRun(seed, deciders, { shrink: false })?.result.violation?.rule
      if (rule === undefined) continue
      if (seenBy === undefined || rule.includes(seenBy)) return
      seenByOthers.add(rule)
    }
    expect.fail(
      `none of ${seeds} seeds shows it to "${seenBy ?? 'any rule'}"; seen by: ${[...seenByOthers].join(', ') || 'nobody'}`,
    )
  },
)

test('a broken run is shrunk', () => {
  const bug = plantedBugs.find(({ name }) => name === 'Concurrency_off_by_one')
  const broken = findBrokenRun(16, bug?.deciders)
  expect(broken?.scenario.operators).toEqual([])
  expect(broken?.scenario.executions.flatMap(({ targets }) => targets).length).toBeLessThanOrEqual(4)
  expect(broken?.result.trace.at(-1)).toMatch(/^BROKEN: Never more tasks run at once than the concurrency/)
})
