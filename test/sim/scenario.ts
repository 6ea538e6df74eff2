import fc from 'fast-check'
import {
  batchPauses,
  type ExecutionMode,
  type RateControl,
  type ResolvedRateControl,
} from '../../src/core/execution/rate-control.ts'
import { resolveDebugRateControl, resolveRateControl } from '../../src/core/execution/resolve-rate-control.ts'
import { type Gate, gateFailurePolicies } from '../../src/core/gate/gate.ts'
import type { OperatorControl } from './sim-event.ts'

/**
 * One complete run: the same scenario always gives the same result. Instances are numbers; times
 * are ms from the start.
 */
export interface Scenario {
  /** Decides what is lost, duplicated and delayed. */
  readonly luck: number
  /**
   * True: every poke by an agent's report or by another execution is lost, and there is no sweep;
   * only timers and operators wake.
   */
  readonly timersOnly: boolean
  /** Share of lost pokes and nudges, in percent. */
  readonly lostPokes: number
  readonly executions: readonly ExecutionPlan[]
  /** One per instance. */
  readonly agents: readonly AgentPlan[]
  readonly operators: readonly OperatorPlan[]
  readonly outages: readonly OutagePlan[]
}

/** All servers are away: stopped and restarted, or frozen. */
export interface OutagePlan {
  readonly at: number
  readonly forMs: number
  readonly frozen: boolean
}

export interface ExecutionPlan {
  readonly startAt: number
  readonly extension: number
  /** Further extensions after it, one after the other on each instance. */
  readonly further: readonly number[]
  readonly targets: readonly number[]
  /**
   * The first targets, which the plan ended itself: already in the wanted state, then out of scope,
   * then not installed.
   */
  readonly asWanted: number
  readonly skipped: number
  readonly notInstalled: number
  readonly mode: ExecutionMode
  readonly batches: RateControl['batches']
  readonly concurrency: number
  readonly maxErrors: number
  readonly batchPause: RateControl['batchPause']
  readonly deliveryTimeoutMs: number
  readonly timeoutMs: number
  readonly strict: boolean
}

export interface AgentPlan {
  /** Away: before `fromAt` (late), from then on (dying), or from then for a while (returning). */
  readonly life: 'steady' | 'never' | 'late' | 'dying' | 'returning'
  readonly fromAt: number
  readonly awayMs: number
  /** Interval of its fetches. */
  readonly lookEveryMs: number
  readonly workMs: number
  /** In percent: lost messages in either direction, failed ends, lost journals, ignored cancels. */
  readonly lost: number
  readonly failing: number
  readonly forgetful: number
  readonly stubborn: number
  /** Maximum delay of a message, and so the maximum reordering. */
  readonly delayMs: number
}

export interface OperatorPlan {
  readonly at: number
  readonly execution: number
  readonly control: OperatorControl
  /** An impatient operator repeats a request a moment later. */
  readonly twice: boolean
  /** Index of the chosen task among the possible ones. */
  readonly pick: number
}

export function resolvePlan(plan: ExecutionPlan): ResolvedRateControl {
  const taskCount = Math.max(0, plan.targets.length - plan.asWanted - plan.skipped - plan.notInstalled)
  if (plan.mode === 'Debug') return resolveDebugRateControl(taskCount, plan.maxErrors)
  const { batches, concurrency, maxErrors, batchPause } = plan
  return resolveRateControl(
    {
      mode: 'Batch',
      concurrency: 1,
      batches,
      concurrencyInBatches: concurrency,
      maxErrors,
      batchPause,
      ...gatesOf(plan),
    },
    taskCount,
  )
}

/** The time of every gate in the simulator. */
export const gateTimeMs = 30_000

/** Follows from another number of the plan, so that scenarios of known seeds stay the same. */
function gatesOf({
  startAt,
  deliveryTimeoutMs,
  timeoutMs,
}: ExecutionPlan): Pick<RateControl, 'gates' | 'onGateFailure'> {
  const possible: readonly Gate[] = [
    { kind: 'soak', durationMs: gateTimeMs },
    { kind: 'http', url: 'https://gate', timeoutMs: gateTimeMs },
    { kind: 'approval', count: 1 + (timeoutMs % 2), users: [], timeoutMs: 100 * gateTimeMs },
  ]
  const gates = possible.filter((_, index) => startAt % 2 === 1 && ((deliveryTimeoutMs >> (2 + index)) & 1) === 1)
  if (gates.length === 0) return {}
  return { gates, onGateFailure: gateFailurePolicies[timeoutMs % gateFailurePolicies.length] ?? 'pause' }
}

const instanceCount = 8
const percent = (max: number) => fc.oneof(fc.constant(0), fc.integer({ min: 0, max }))

/** Mostly one extension; otherwise several, in any order. */
const extensions = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 1 }).map((extension) => [extension]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 3 }) },
)

const planWithout: fc.Arbitrary<Omit<ExecutionPlan, 'extension' | 'further'>> = fc.record({
  startAt: fc.integer({ min: 0, max: 30_000 }),
  targets: fc.uniqueArray(fc.integer({ min: 0, max: instanceCount - 1 }), { maxLength: instanceCount }),
  asWanted: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
  skipped: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 })),
  notInstalled: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 }) },
  ),
  mode: fc.constantFrom('Automatic', 'Automatic', 'FailurePause', 'FailurePause', 'Debug'),
  batches: fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom({ percent: 20 }, { percent: 50 })), {
    minLength: 1,
    maxLength: 3,
  }),
  concurrency: fc.integer({ min: 1, max: 5 }),
  maxErrors: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 })),
  batchPause: fc.constantFrom(...batchPauses),
  deliveryTimeoutMs: fc.integer({ min: 1_000, max: 90_000 }),
  timeoutMs: fc.integer({ min: 1_000, max: 60_000 }),
  strict: fc.boolean(),
})

const executionPlan: fc.Arbitrary<ExecutionPlan> = fc
  .tuple(planWithout, extensions)
  .map(([plan, [extension = 0, ...further]]) => ({ ...plan, extension, further }))

const agentPlan: fc.Arbitrary<AgentPlan> = fc.record({
  life: fc.constantFrom('steady', 'steady', 'steady', 'never', 'late', 'dying', 'returning'),
  fromAt: fc.integer({ min: 0, max: 120_000 }),
  awayMs: fc.integer({ min: 1_000, max: 200_000 }),
  lookEveryMs: fc.integer({ min: 1_000, max: 30_000 }),
  workMs: fc.integer({ min: 10, max: 40_000 }),
  lost: percent(60),
  failing: percent(100),
  forgetful: percent(30),
  stubborn: percent(100),
  delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
})

const operatorPlan: fc.Arbitrary<OperatorPlan> = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 300_000 })),
  execution: fc.nat({ max: 2 }),
  control: fc.oneof(
    {
      weight: 9,
      arbitrary: fc.constantFrom(
        'resume',
        'resume',
        'resume',
        'pause',
        'retryTask',
        'retryTask',
        'skipTask',
        'cancel',
        'cancel',
      ),
    },
    { weight: 3, arbitrary: fc.constantFrom('runTask', 'runTask', 'cancelTask', 'complete') },
  ),
  twice: fc.boolean(),
  pick: fc.nat({ max: 7 }),
})

const outagePlan: fc.Arbitrary<OutagePlan> = fc.record({
  at: fc.integer({ min: 0, max: 120_000 }),
  forMs: fc.oneof(fc.integer({ min: 1_000, max: 30_000 }), fc.integer({ min: 30_000, max: 300_000 })),
  frozen: fc.boolean(),
})

export const scenarioArbitrary: fc.Arbitrary<Scenario> = fc.record({
  luck: fc.nat(),
  timersOnly: fc.boolean(),
  lostPokes: percent(100),
  executions: fc.array(executionPlan, { minLength: 1, maxLength: 3 }),
  agents: fc.array(agentPlan, { minLength: instanceCount, maxLength: instanceCount }),
  operators: fc.array(operatorPlan, { maxLength: 12 }),
  outages: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(outagePlan, { maxLength: 2 }) },
  ),
})
