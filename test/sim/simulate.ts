import type { TaskControl } from '../../src/core/execution/control-task.ts'
import { isEnded, type TaskStatus } from '../../src/core/execution/execution.ts'
import type { ExecutionId, InstanceId } from '../../src/core/id.ts'
import { reconnectGraceMs } from '../../src/core/limits.ts'
import { type Agent, createAgent } from './agent.ts'
import { createJudge, RuleBroken, type Violation } from './judge.ts'
import { makeExecution } from './make-execution.ts'
import { isTaskControl } from './operator.ts'
import { createRandom } from './random.ts'
import { simulatedTimes } from './row-changes.ts'
import type { ExecutionRow } from './rows.ts'
import { type ExecutionPlan, gateTimeMs, type OperatorPlan, resolvePlan, type Scenario } from './scenario.ts'
import { createServer, type Deciders, realDeciders, type SimulatedServer } from './server.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import { createTrace, renderTime } from './trace.ts'

export interface SimulationResult {
  /** The first violation. */
  readonly violation: Violation | undefined
  readonly trace: readonly string[]
  readonly endedAt: number
}

const everythingEnds = 'Once operators only resume waiting executions, every execution ends in bounded time'
const sweepEveryMs = 30_000
const caretakerEveryMs = 60_000
/** Late answers come after the end. */
const tailMs = 120_000

/** Plays a scenario until everything has ended or should have. Stops at the first violation. */
export function simulate(scenario: Scenario, deciders: Deciders = realDeciders): SimulationResult {
  const timeline = createTimeline()
  const trace = createTrace()
  let endedAt = 0
  try {
    const { server, isOver } = begin(scenario, deciders, timeline, trace)
    const deadlineAt = findLastOperatorAt(scenario) + findLongestMs(scenario)
    for (let next = timeline.next(); next !== undefined && next <= deadlineAt && !isOver(); next = timeline.next()) {
      timeline.runUntil(next)
    }
    endedAt = timeline.now()
    if (!isOver()) {
      const what = server.rows.executions.map(({ id, status }) => `${id} is ${status}`).join(', ')
      throw new RuleBroken({ rule: everythingEnds, what: `${what} at ${renderTime(deadlineAt)}`, at: endedAt })
    }
    timeline.runUntil(endedAt + tailMs)
    return { violation: undefined, trace: trace.lines(), endedAt }
  } catch (error) {
    if (!(error instanceof RuleBroken)) throw error
    return { violation: error.violation, trace: [...trace.lines(), `BROKEN: ${error.message}`], endedAt }
  }
}

function begin(scenario: Scenario, deciders: Deciders, timeline: Timeline, trace: ReturnType<typeof createTrace>) {
  const random = createRandom(scenario.luck)
  const judge = createJudge(scenario.timersOnly ? undefined : sweepEveryMs)
  const agents = new Map<InstanceId, Agent>()
  let lots = 0
  const isUnlucky = (percent: number, what: string) => random.chance(percent / 100, what, (lots += 1))
  const server = createServer(
    timeline,
    deciders,
    {
      // With timers only, an operator's poke must arrive: there is no timer for an operator's
      // action.
      gateHolds: () => !isUnlucky(40, 'gate'),
      losesPoke: (_, by) => (scenario.timersOnly ? by !== 'operator' : isUnlucky(scenario.lostPokes, 'poke')),
      nudge: (instanceId) => {
        if (!isUnlucky(scenario.lostPokes, 'nudge')) agents.get(instanceId)?.nudge()
      },
      fetchesMeanwhile: (instanceId) => agents.get(instanceId)?.isThere() === true && isUnlucky(20, 'meanwhile'),
    },
    (event, rows) => {
      trace.add(rows.now(), event)
      judge(event, rows)
    },
  )
  const { executions } = server.rows
  const isOver = () =>
    executions.length === scenario.executions.length && executions.every(({ status }) => isEnded(status))
  const repeat = (firstAt: number, everyMs: number, action: () => void) =>
    timeline.at(firstAt, () => {
      action()
      if (!isOver()) repeat(timeline.now() + everyMs, everyMs, action)
    })

  scenario.agents.forEach((plan, index) => {
    const instanceId = instanceIdOf(index)
    agents.set(instanceId, createAgent({ instanceId, plan, server, timeline, random, isNeeded: () => !isOver() }))
  })
  scenario.executions.forEach((plan, index) =>
    timeline.at(plan.startAt, () =>
      server.insert(makeExecution(`exec-${'abc'[index]}` as ExecutionId, plan, instanceIdOf)),
    ),
  )
  for (const operator of scenario.operators) {
    timeline.at(operator.at, () => act(server, operator))
    if (operator.twice) timeline.at(operator.at + 2, () => act(server, operator))
  }
  for (const { at, forMs, frozen } of scenario.outages) timeline.at(at, () => server.goAway(forMs, frozen))
  repeat(findLastOperatorAt(scenario) + caretakerEveryMs, caretakerEveryMs, () => resumeAll(server))
  if (!scenario.timersOnly) repeat(sweepEveryMs, sweepEveryMs, () => server.sweep())
  return { server, isOver }
}

function act(server: SimulatedServer, { execution: index, control, pick }: OperatorPlan): void {
  const execution = server.rows.executions[index]
  if (execution === undefined) return
  // Both the starter and another user press the button.
  if (control === 'resume') server.approve(execution, ['starter', 'ann'][pick % 2] as string)
  if (!isTaskControl(control)) return server.ask(execution, control)
  const fitting = execution.tasks.filter(({ status }) => fittingStatuses[control].includes(status))
  const picked = fitting[pick % Math.max(1, fitting.length)]
  if (picked) server.ask(execution, control, picked.ordinal)
}

const fittingStatuses: Readonly<Record<TaskControl, readonly TaskStatus[]>> = {
  retryTask: ['Failed'],
  skipTask: ['Failed'],
  runTask: ['Pending', 'Failed'],
  cancelTask: ['Pending', 'Running'],
}

/**
 * In the end an operator regularly resumes what waits; an execution that requests its next task
 * gets one, or is completed.
 */
function resumeAll(server: SimulatedServer): void {
  for (const execution of server.rows.executions) {
    const waits = execution.status === 'Waiting' || execution.pauseRequested
    if (!waits || isEnded(execution.status) || execution.cancelRequested) continue
    for (const user of ['ben', 'ann']) server.approve(execution, user)
    if (execution.reasonCode !== 'DebugPause' || execution.pauseRequested) server.ask(execution, 'resume')
    else stepThrough(server, execution)
  }
}

function stepThrough(server: SimulatedServer, execution: ExecutionRow): void {
  const next = execution.tasks.find(({ status }) => status === 'Pending')
  if (next) server.ask(execution, 'runTask', next.ordinal)
  else server.ask(execution, 'complete')
}

const instanceIdOf = (index: number) => `i-${index + 1}` as InstanceId

const findLastOperatorAt = ({ operators, executions }: Scenario) =>
  Math.max(0, ...operators.map(({ at }) => at), ...executions.map(({ startAt }) => startAt))

/**
 * Every attempt one after the other, each as silent as it can be for as long as it can be, and an
 * operator's answer to every request.
 */
function findLongestMs({ executions, agents, operators, outages }: Scenario): number {
  const slowest = Math.max(0, ...agents.map(({ workMs, delayMs }) => workMs + delayMs))
  const retries = 2 * operators.filter(({ control }) => control === 'retryTask' || control === 'runTask').length
  const absentMs = outages.reduce((sum, { forMs }) => sum + forMs + reconnectGraceMs, 0)
  return executions.reduce((sum, plan) => {
    const words = 3 * (simulatedTimes.downloadMs + plan.timeoutMs + 2 * simulatedTimes.graceMs)
    const attemptMs = plan.deliveryTimeoutMs + words + slowest + caretakerEveryMs + sweepEveryMs
    return sum + (2 * plan.targets.length + retries + 4) * attemptMs + findGateMs(plan)
  }, absentMs)
}

/** Gates may fail several times before each batch. */
const findGateMs = (plan: ExecutionPlan) => {
  const { gates = [], batchSizes } = resolvePlan(plan)
  return gates.length === 0 ? 0 : batchSizes.length * 20 * (3 * gateTimeMs + caretakerEveryMs + sweepEveryMs)
}
