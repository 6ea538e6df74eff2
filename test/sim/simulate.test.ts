import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AgentPlan, type ExecutionPlan, resolvePlan, type Scenario, scenarioArbitrary } from './scenario.ts'
import { simulate } from './simulate.ts'

/**
 * The same seeds on every run: a red test is a change of the code. `npm run sim -- <seed> <runs>`
 * searches further.
 */
const seed = 20_240_601

test('every rule holds, whatever agents, operators and pokes do', () => {
  fc.assert(
    fc.property(scenarioArbitrary, (scenario) => {
      const { violation, trace } = simulate(scenario)
      expect(violation, trace.join('\n')).toBeUndefined()
    }),
    { seed, numRuns: 1_000 },
  )
})

test('the same scenario gives the same result', () => {
  for (const scenario of fc.sample(scenarioArbitrary, { seed, numRuns: 20 })) {
    expect(simulate(scenario)).toEqual(simulate(scenario))
  }
})

const unused: AgentPlan = {
  life: 'never',
  fromAt: 0,
  awayMs: 0,
  lookEveryMs: 1_000,
  workMs: 1_000,
  lost: 0,
  failing: 0,
  forgetful: 0,
  stubborn: 0,
  delayMs: 0,
}

/** Only timers wake, and no agent answers. */
const makeDeadFleet = (execution: ExecutionPlan, operators: Scenario['operators'] = []): Scenario => ({
  luck: 1,
  timersOnly: true,
  lostPokes: 100,
  executions: [execution],
  agents: execution.targets.map(() => unused),
  operators,
  outages: [],
})

const deadExecution: fc.Arbitrary<ExecutionPlan> = fc.record({
  startAt: fc.constant(0),
  further: fc.constant([]),
  extension: fc.constant(0),
  targets: fc.integer({ min: 1, max: 40 }).map((count) => Array.from({ length: count }, (_, index) => index)),
  asWanted: fc.constant(0),
  skipped: fc.constant(0),
  notInstalled: fc.constant(0),
  mode: fc.constant('Automatic'),
  batches: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  maxErrors: fc.constant(40),
  batchPause: fc.constant('Automatic'),
  deliveryTimeoutMs: fc.integer({ min: 1_000, max: 90_000 }),
  timeoutMs: fc.constant(1_000),
  strict: fc.constant(false),
})

describe('with every agent dead', () => {
  test('each round of a batch takes one delivery timeout, and no longer', () => {
    fc.assert(
      fc.property(deadExecution, (plan) => {
        const { violation, endedAt, trace } = simulate(makeDeadFleet(plan))
        expect(violation, trace.join('\n')).toBeUndefined()
        const { batchSizes, concurrency } = resolvePlan(plan)
        const rounds = batchSizes.reduce((sum, size) => sum + Math.ceil(size / concurrency), 0)
        expect(endedAt).toBeGreaterThanOrEqual(rounds * plan.deliveryTimeoutMs)
        expect(endedAt).toBeLessThanOrEqual(rounds * (plan.deliveryTimeoutMs + 10))
        expect(trace.at(-1)).toMatch(/Failed \(TargetsFailed\): \d+ failed \(Unreachable \d+\)$/)
      }),
      { seed, numRuns: 100 },
    )
  })

  test('a cancel ends undelivered invocations at once', () => {
    fc.assert(
      fc.property(deadExecution, fc.integer({ min: 10, max: 900 }), (plan, at) => {
        const cancel = { at, execution: 0, control: 'cancel', twice: false, pick: 0 } as const
        const { violation, endedAt, trace } = simulate(makeDeadFleet(plan, [cancel]))
        expect(violation, trace.join('\n')).toBeUndefined()
        expect(endedAt).toBeLessThanOrEqual(at + 10)
      }),
      { seed, numRuns: 100 },
    )
  })
})

/** Situations that must occur often enough to be tested: lines of traces. */
const meetings: Readonly<Record<string, RegExp>> = {
  'a task behind a blocked one that starts': /waits for exec-/,
  'a queued execution': /Queued \(WaitingForOtherExecution\)/,
  'a pause': /Waiting \(PausedByUser\)/,
  'a batch pause': /Waiting \(BatchPause\)/,
  'a failure pause': /Waiting \(FailurePause\)/,
  'a retried task': /Failed -> Pending/,
  'a skipped task': /Failed -> Skipped/,
  'a batch opened by an operator': /opened by the operator/,
  'a spent error budget': /Failed \(ErrorBudgetSpent\)/,
  'a cancelled execution': /Cancelled \(CancelledByUser\):/,
  'a cancelled task that stops': /Running -> Cancelled \(CancelledByUser\)/,
  'a cancelled task that is silent': /Running -> Cancelled \(CancelUnconfirmed\)/,
  'an instance that does not connect': /Running -> Failed \(Unreachable\)/,
  'an agent that falls silent': /running -> lost/,
  'an agent that never confirms its invocation': /sent -> lost/,
  'a late answer': /lost -> (succeeded|failed)/,
  'a success': /Success \(AllSucceeded\)/,
  'nothing to do': /Success \(NothingToDo\)/,
  'a second request': /requests (pause|resume|cancel): nothing to do/,
  'an outage of the servers': /servers: are back/,
  'a welcome': /welcomed/,
  'a refused request': /requests resume: refused/,
}

test('the simulator reaches the situations it should test', () => {
  const traces = fc.sample(scenarioArbitrary, { seed, numRuns: 600 }).map((scenario) => simulate(scenario).trace)
  for (const [what, line] of Object.entries(meetings)) {
    const met = traces.filter((trace) => trace.some((text) => line.test(text))).length
    expect(met, `${what} is met in ${met} of ${traces.length} runs`).toBeGreaterThanOrEqual(3)
  }
})
