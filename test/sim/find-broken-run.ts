import fc from 'fast-check'
import { type Scenario, scenarioArbitrary } from './scenario.ts'
import type { Deciders } from './server.ts'
import { type SimulationResult, simulate } from './simulate.ts'

export interface BrokenRun {
  readonly seed: number
  /** Shrunk as far as possible. */
  readonly scenario: Scenario
  readonly result: SimulationResult
}

/** The run of one seed; if it breaks a rule, the smallest scenario that still does. */
export function findBrokenRun(
  seed: number,
  deciders?: Deciders,
  options: { readonly shrink?: boolean } = {},
): BrokenRun | undefined {
  const holds = (scenario: Scenario) => simulate(scenario, deciders).violation === undefined
  const property = fc.property(scenarioArbitrary, holds)
  const parameters: fc.Parameters<[Scenario]> = {
    seed,
    numRuns: 1,
    plugins: [fc.unbiased() as fc.Plugin<[Scenario]>],
    endOnFailure: options.shrink === false,
  }
  const { failed, counterexample } = fc.check(property, parameters)
  const scenario = counterexample?.[0]
  return failed && scenario ? { seed, scenario, result: simulate(scenario, deciders) } : undefined
}
