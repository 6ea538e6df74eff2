import {
  type AssignmentDecision,
  type AssignmentState,
  decideAssignment,
} from '../../../src/core/assignment/decide-assignment.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import type { GroupSize } from '../../../src/core/instance/group.ts'
import { createRandom } from '../random.ts'

export type DecideAssignment = (state: AssignmentState, limit: number) => AssignmentDecision

interface SimInstance {
  readonly id: InstanceId
  isMember: boolean
  isOnline: boolean
  /** 0: not installed. */
  version: number
  /** Has its version, and no longer holds it. */
  isDrifted: boolean
  /** Evaluations since an execution changed it. */
  changedAt: number
  changedBefore: number
}

interface SimExecution {
  readonly id: ExecutionId
  readonly generation: number
  readonly version: number
  readonly maxErrors: number
  readonly pending: InstanceId[]
  readonly failed: InstanceId[]
  state: 'open' | 'ended' | 'stopped'
}

/** The world of one assignment: instances, versions, users, and executions that take time. */
interface World {
  readonly instances: SimInstance[]
  readonly executions: SimExecution[]
  desired: number
  generation: number
  isHalted: boolean
  known: GroupSize
  isWindowOpen: boolean
  /** Increases with every event. */
  time: number
}

const budget = 2
/** An execution takes at most this many instances here, so that several are needed. */
const limit = 4
/** Events for which a changed instance is left alone. */
const recentFor = 3
/** The same for one that was changed twice: within fewer events, an instance cannot be. */
const repeatedFor = 10

/**
 * Runs one world with random events, and evaluates the assignment between them. Returns what is
 * wrong: the rule that was broken.
 */
export function simulateAssignment(seed: number, decide: DecideAssignment = decideAssignment): string | undefined {
  const random = createRandom(seed)
  const world: World = {
    instances: Array.from({ length: 2 + random.below(8, 'size') }, (_, index) =>
      makeInstance(index, random.chance(0.6, 'member', index)),
    ),
    executions: [],
    desired: 1,
    generation: 1,
    isHalted: false,
    known: { matching: 0, total: 0 },
    isWindowOpen: true,
    time: 0,
  }
  world.known = sizeOf(world)
  const steps = 20 + random.below(60, 'steps')
  for (world.time = 1; world.time <= steps; world.time += 1) {
    happen(world, random)
    const broken = evaluate(world, decide)
    if (broken !== undefined) return `${broken} (seed ${seed}, step ${world.time})`
  }
  return settle(world, decide, seed)
}

const makeInstance = (index: number, isMember: boolean): SimInstance => ({
  id: `i-${index}` as InstanceId,
  isMember,
  isOnline: true,
  version: 0,
  isDrifted: false,
  changedAt: Number.NEGATIVE_INFINITY,
  changedBefore: Number.NEGATIVE_INFINITY,
})

const sizeOf = ({ instances }: World): GroupSize => ({
  matching: instances.filter(({ isMember }) => isMember).length,
  total: instances.length,
})

const openOf = ({ executions }: World) => executions.filter(({ state }) => state === 'open')
const failedOf = ({ executions, generation }: World) =>
  new Set(executions.filter((one) => one.generation === generation).flatMap(({ failed }) => failed))

function readState(world: World): AssignmentState {
  const { executions, generation, instances, desired, known, isHalted, isWindowOpen, time } = world
  return {
    isHalted,
    openExecution: openOf(world)[0]?.id,
    stoppedExecution: executions.findLast((one) => one.generation === generation && one.state === 'stopped')?.id,
    budget,
    failed: failedOf(world),
    group: { name: 'web', size: sizeOf(world), known },
    isWindowOpen,
    work: instances
      .filter(({ isMember, isOnline, version }) => isMember && isOnline && version !== desired)
      .map(({ id }) => id),
    drifted: instances.filter((one) => isMemberWith(one, desired) && one.isOnline && one.isDrifted).map(({ id }) => id),
    recent: new Set(instances.filter(({ changedAt }) => time - changedAt < recentFor).map(({ id }) => id)),
    repeated: new Set(instances.filter(({ changedBefore }) => time - changedBefore < repeatedFor).map(({ id }) => id)),
  }
}

const isMemberWith = ({ isMember, version }: SimInstance, desired: number) => isMember && version === desired

/** One decision, its effect, and the rules about it. */
function evaluate(world: World, decide: DecideAssignment): string | undefined {
  const state = readState(world)
  const decision = decide(state, limit)
  const broken = judge(world, state, decision)
  if (broken !== undefined) return broken
  apply(world, decision)
  if (openOf(world).length > 1) return 'never two executions of one assignment at once'
  const again = decide(readState(world), limit)
  if (again.kind === 'start' && openOf(world).length > 0) return 'never two executions of one assignment at once'
  if (again.kind === 'start' || (again.kind === 'halt' && decision.kind === 'halt'))
    return 'evaluating twice changes nothing'
  return undefined
}

function judge(world: World, state: AssignmentState, decision: AssignmentDecision): string | undefined {
  const stops = world.executions.some((one) => one.generation === world.generation && one.state === 'stopped')
  const size = sizeOf(world)
  const suddenlyAll = size.matching === size.total && size.total > 1 && world.known.matching < world.known.total
  if (decision.kind !== 'start') return undefined
  if (world.isHalted) return 'a halted assignment starts nothing'
  if (stops) return 'nothing starts after an execution that a user has stopped'
  if (suddenlyAll) return 'nothing starts on a group that suddenly matches everything'
  if (!world.isWindowOpen) return 'nothing starts outside the window'
  if (decision.instanceIds.length === 0 || decision.instanceIds.length > limit)
    return 'an execution has 1 to limit instances'
  if (state.failed.size + decision.maxErrors > budget) return 'one error budget across executions'
  for (const id of decision.instanceIds) {
    const instance = world.instances.find((one) => one.id === id)
    if (!instance?.isMember || (instance.version === world.desired && !instance.isDrifted))
      return 'only members that differ or have drifted get work'
    if (state.failed.has(id)) return 'an instance on which it failed is not tried again'
    const justChanged = instance.isDrifted && instance.version === world.desired ? state.repeated : state.recent
    if (justChanged.has(id)) return 'an instance that was just changed is left alone'
  }
  return undefined
}

function apply(world: World, decision: AssignmentDecision): void {
  if (decision.kind === 'halt') world.isHalted = true
  if (decision.kind !== 'start') return
  world.known = sizeOf(world)
  world.executions.push({
    id: `exec-${world.executions.length}` as ExecutionId,
    generation: world.generation,
    version: world.desired,
    maxErrors: decision.maxErrors,
    pending: [...decision.instanceIds],
    failed: [],
    state: 'open',
  })
}

/** A task of the open execution ends; the execution ends with its last task or its budget. */
function advance(world: World, fails: boolean): void {
  const [execution] = openOf(world)
  const id = execution?.pending.shift()
  const instance = world.instances.find((one) => one.id === id)
  if (execution && instance) {
    if (fails) execution.failed.push(instance.id)
    else Object.assign(instance, { version: execution.version, isDrifted: false })
    instance.changedBefore = instance.changedAt
    instance.changedAt = world.time
  }
  if (execution && (execution.pending.length === 0 || execution.failed.length > execution.maxErrors))
    execution.state = 'ended'
}

function happen(world: World, random: ReturnType<typeof createRandom>): void {
  const { time, instances } = world
  const pick = instances[random.below(instances.length, 'pick', time)]
  const kind = random.below(18, 'event', time)
  if (kind === 0) instances.push(makeInstance(instances.length, random.chance(0.7, 'joins', time)))
  else if (kind === 1 && pick) pick.isMember = !pick.isMember
  else if (kind === 2) promote(world)
  else if (kind === 3 && pick) pick.isOnline = !pick.isOnline
  else if (kind === 4 && pick) pick.version = 0
  else if (kind >= 16 && pick) pick.isDrifted = pick.version > 0
  else if (kind === 5) world.isHalted = true
  else if (kind === 6) resume(world)
  else if (kind === 7) world.isWindowOpen = !world.isWindowOpen
  else if (kind === 8) for (const one of openOf(world)) one.state = 'stopped'
  else if (kind === 9) for (const one of instances) one.isMember = true
  else advance(world, random.chance(0.2, 'fails', time))
}

function promote(world: World): void {
  world.desired += 1
  world.generation += 1
}

/** A resume confirms the size of the group, and forgets earlier failures. */
function resume(world: World): void {
  world.isHalted = false
  world.generation += 1
  world.known = sizeOf(world)
}

/** Without further events every member ends up as desired, unless it failed or the assignment is halted. */
function settle(world: World, decide: DecideAssignment, seed: number): string | undefined {
  world.isWindowOpen = true
  for (const instance of world.instances) instance.isOnline = true
  const until = world.time + 400
  for (; world.time < until; world.time += 1) {
    advance(world, false)
    const broken = evaluate(world, decide)
    if (broken !== undefined) return `${broken} (seed ${seed}, step ${world.time})`
  }
  if (world.isHalted || openOf(world).length > 0)
    return openOf(world).length > 0 ? `an execution never ends (seed ${seed})` : undefined
  const failed = failedOf(world)
  const drifted = world.instances.filter(
    (one) => isMemberWith(one, world.desired) && one.isDrifted && !failed.has(one.id),
  )
  if (drifted.length > 0) return `every drifted member is repaired; ${drifted.length} were not (seed ${seed})`
  const left = world.instances.filter(
    ({ id, isMember, version }) => isMember && version !== world.desired && !failed.has(id),
  )
  return left.length > 0 ? `every member gets what it should have; ${left.length} did not (seed ${seed})` : undefined
}
