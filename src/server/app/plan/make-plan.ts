import { matchObjectFilter, type ObjectFilter } from '../../../core/access/object-filter.ts'
import type { ObjectLabels } from '../../../core/access/object-labels.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { announceVerdict } from '../../../core/execution/announce-verdict.ts'
import { extensionNamesOf } from '../../../core/execution/operation/operations.ts'
import type { Operation, OperationRequest } from '../../../core/execution/operation.ts'
import type {
  ExecutionMode,
  FrozenRateControl,
  RateControl,
  ResolvedRateControl,
} from '../../../core/execution/rate-control.ts'
import {
  fillBatches,
  listBatchGroups,
  parseRateControl,
  type RateControlInput,
  type RateControlProblem,
  resolveDebugRateControl,
  resolveRateControl,
} from '../../../core/execution/resolve-rate-control.ts'
import type { Verdict } from '../../../core/execution/task-counts.ts'
import type { AccountId, ExtensionId, InstanceId } from '../../../core/id.ts'
import { preferApproved } from '../../../core/instance/agent-identity.ts'
import type { InstalledState } from '../../../core/instance/instance.ts'
import { maxTargetsPerExecution } from '../../../core/limits.ts'
import { isWork, leaveOut, leaveOutOffline, type PlannedTarget, summarizePlan } from '../../../core/plan/plan.ts'
import {
  findAmbiguous,
  findMissing,
  type ResolvedTargets,
  renderSelector,
  type Targets,
  validateTargets,
} from '../../../core/plan/targets.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import { listMatchingIds } from '../../../store/instance/groups.ts'
import { listPlanInputs, type PlanInput } from '../../../store/plan/plan-inputs.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor } from '../context.ts'
import { readGroupTokens } from '../instance/groups.ts'
import { type GroupUse, readGroupUse } from '../instance/use-group.ts'
import { instanceActionOf, prepareOperation } from '../operation/operations.ts'
import { readDeclaredValues } from './declared-values.ts'
import { type ParameterSets, type PlanContext, readInstalledValues } from './parameter-sets.ts'
import type { PlanPart } from './plan-part.ts'
import { resolveTargets } from './require-known.ts'

/** The request to plan an execution. */
export interface PlanInputRequest {
  readonly operation: OperationRequest
  readonly targets: Targets
  readonly rateControl: RateControlInput
  /** Debug: one task at a time and no batches, whatever the rate control is. */
  readonly mode?: ExecutionMode
  /** Any target that is not as requested in the end makes the verdict Failed. */
  readonly strict?: boolean | undefined
  /** Skips offline instances instead of waiting for them. */
  readonly skipOffline?: boolean | undefined
  /** Batches of groups without a target are left out; otherwise such a plan is refused. */
  readonly skipsEmptyBatches?: boolean | undefined
}

/** A plan with everything that starting it needs. */
export interface Plan {
  readonly operation: Operation
  /** Of a command. */
  readonly content: string | undefined
  /**
   * By part (a single one for one extension): the version, if one is requested, and the secret
   * values.
   */
  readonly parts: readonly PlanPart[]
  /**
   * The values of each part, by `parameterSet` of a planned target; empty for operations without an
   * extension.
   */
  readonly sets: readonly Pick<ParameterSets, 'get'>[]
  readonly targets: Targets
  /** Of targets that are a group. */
  readonly group: GroupUse | undefined
  readonly planned: readonly PlannedInstance[]
  /** The verdict if every planned change succeeds. */
  readonly verdict: Verdict
  /** Number of targets with work. */
  readonly workCount: number
  readonly rateControl: FrozenRateControl
}

/** A planned target with its name. */
export interface PlannedInstance extends PlannedTarget {
  readonly name: string
  /** It was not connected when the plan was made. */
  readonly isOffline: boolean
  readonly labels: ObjectLabels
}

/**
 * Resolves targets, loads the requested versions and compares with the installed states: the result
 * on every target, with reasons. Targets that the actor may neither see nor start anything on do not
 * exist to it. Changes nothing.
 */
export async function makePlan(context: PlanContext, actor: Actor, request: PlanInputRequest): Promise<Plan> {
  const problem = validateTargets(request.targets)
  if (problem) throw chandlerError('SelectorInvalid', { selector: renderSelector(request.targets), reason: problem })
  const resolved = await resolveTargets(context, actor, request.targets)
  const prepared = await prepareOperation(context, actor, request.operation)
  const { accountId } = actor
  const { targets } = request
  const permitted = findPermittedTargets(context, actor, request.operation)
  const inputs = putInOrder(
    await readInputs(context, accountId, { targets: resolved, ...permitted }, prepared.extensionIds),
    prepared.order,
  )
  refuseTargets(targets, inputs)
  const { planned: wanted, sets } = prepared.plan(
    inputs,
    await readInstalledValues(context, accountId, inputs),
    await readDeclaredValues(context.database, accountId, { inputs, extensions: extensionNamesOf(request.operation) }),
  )
  const admitted = wanted.map((target, index) =>
    leaveOutNotPermitted(leaveOutQuarantined(target, inputs[index]), inputs[index], permitted),
  )
  refuseMissing(admitted, inputs)
  const planned = admitted.map((target, index): PlannedInstance => {
    const { name = '', isOffline = false, tags = {}, resourceGroup = '' } = inputs[index] ?? {}
    const planned = request.skipOffline && isOffline ? leaveOutOffline(target) : target
    return { ...planned, name, isOffline, labels: { tags, resourceGroup } }
  })
  const rateControl = readRateControl(request.rateControl)
  const groupOf = await findBatchGroups(context, accountId, rateControl, planned)
  if (!request.skipsEmptyBatches) refuseEmptyGroups(rateControl, planned, groupOf)
  const work = planned.filter(isWork)
  const resolvedRate = resolveFor(
    request.mode,
    rateControl,
    work.map(({ instanceId }) => groupOf.get(instanceId)),
  )
  const { operation, content, parts } = prepared
  return {
    operation,
    content,
    parts,
    sets,
    targets,
    group: targets.kind === 'savedGroup' ? await readGroupUse(context, actor, targets.name) : undefined,
    planned: arrange(planned, work, resolvedRate, groupOf),
    verdict: announceVerdict(summarizePlan(planned), request.strict ?? false),
    workCount: work.length,
    rateControl: {
      ...resolvedRate,
      mode: rateControl.mode,
      requested: rateControl,
    },
  }
}

async function readInputs(
  { database, digests }: PlanContext,
  accountId: AccountId,
  { targets, visible }: Pick<Permitted, 'visible'> & { readonly targets: ResolvedTargets },
  extensionIds: readonly ExtensionId[],
): Promise<PlanInput[]> {
  const limit = maxTargetsPerExecution + 1
  const inputs = await listPlanInputs(database, accountId, targets, extensionIds, { visible, limit })
  // A server of an earlier release may have stored a plain digest meanwhile.
  const rekey = (state: InstalledState | undefined) =>
    state && { ...state, parametersDigest: digests.rekey(state.parametersDigest) }
  return withoutPendingNamesakes(targets, inputs).map((input) => ({ ...input, installed: input.installed.map(rekey) }))
}

/** Batches are filled in this order. */
function putInOrder(inputs: readonly PlanInput[], order: readonly InstanceId[] | undefined): readonly PlanInput[] {
  if (order === undefined) return inputs
  const places = new Map(order.map((id, place) => [id, place]))
  const placeOf = ({ id }: PlanInput) => places.get(id) ?? order.length
  return inputs.toSorted((one, other) => placeOf(one) - placeOf(other))
}

/**
 * An instance that waits for approval has chosen its name itself: it cannot make the name of
 * another one ambiguous.
 */
function withoutPendingNamesakes({ kind }: Targets, inputs: readonly PlanInput[]): readonly PlanInput[] {
  if (kind !== 'names') return inputs
  const meant = new Set([...Map.groupBy(inputs, ({ name }) => name).values()].flatMap(preferApproved))
  return inputs.filter((input) => meant.has(input))
}

/** The first group among the batches that each target belongs to. */
async function findBatchGroups(
  { database }: PlanContext,
  accountId: AccountId,
  { mode, batches }: RateControl,
  planned: readonly PlannedTarget[],
): Promise<ReadonlyMap<InstanceId, string>> {
  const groupOf = new Map<InstanceId, string>()
  if (mode !== 'Batch') return groupOf
  for (const name of listBatchGroups(batches)) {
    const tokens = await readGroupTokens(database, accountId, name)
    const targets = new Set(planned.map(({ instanceId }) => instanceId))
    for (const id of await listMatchingIds(database, accountId, tokens))
      if (targets.has(id) && !groupOf.has(id)) groupOf.set(id, name)
  }
  return groupOf
}

/**
 * A batch of a group that is not tried first must not be left out silently. Targets that have
 * what is requested count: they were changed before.
 */
function refuseEmptyGroups(
  { mode, batches }: RateControl,
  planned: readonly PlannedTarget[],
  groupOf: ReadonlyMap<InstanceId, string>,
): void {
  if (mode !== 'Batch') return
  const filled = new Set(
    planned.flatMap((target) =>
      isWork(target) || target.step === 'none' ? (groupOf.get(target.instanceId) ?? []) : [],
    ),
  )
  const empty = listBatchGroups(batches).find((name) => !filled.has(name))
  if (empty === undefined) return
  const reason = `has group:${empty}, and no target that can get the change is in this group`
  throw rateControlInvalid([{ field: 'batches', reason }])
}

/** Tasks in the order of their batches, then the others. */
function arrange<Target extends PlannedTarget>(
  planned: readonly Target[],
  work: readonly Target[],
  resolved: ResolvedRateControl,
  groupOf: ReadonlyMap<InstanceId, string>,
): readonly Target[] {
  if (groupOf.size === 0 || resolved.batchGroups === undefined) return planned
  const order = fillBatches(
    resolved,
    work.map(({ instanceId }) => groupOf.get(instanceId)),
  )
  return [...order.flatMap((index) => work[index] ?? []), ...planned.filter((target) => !isWork(target))]
}

function resolveFor(
  mode: ExecutionMode | undefined,
  rateControl: RateControl,
  groupOf: readonly (string | undefined)[],
): ResolvedRateControl {
  const groupSizes = new Map<string, number>()
  for (const name of groupOf) if (name !== undefined) groupSizes.set(name, (groupSizes.get(name) ?? 0) + 1)
  const resolved = resolveRateControl(rateControl, groupOf.length, groupSizes)
  return mode === 'Debug' ? resolveDebugRateControl(groupOf.length, resolved.maxErrors) : resolved
}

/**
 * A quarantined instance gets no work until an operator decides: a planned task would only wait.
 */
const leaveOutQuarantined = (planned: PlannedTarget, input: PlanInput | undefined): PlannedTarget =>
  input?.admission === 'quarantined' && isWork(planned)
    ? leaveOut(planned, 'Quarantined', makeReason('InstanceQuarantined', { instanceId: planned.instanceId }))
    : planned

/**
 * Also if there is nothing to do: the result must not depend on what is installed. For a user who
 * may start nothing anywhere, a plan shows what would be done; starting it is refused.
 */
const leaveOutNotPermitted = (
  planned: PlannedTarget,
  input: PlanInput | undefined,
  { action, startable }: Permitted,
): PlannedTarget =>
  input && startable !== 'none' && !matchObjectFilter(startable, { ...input, name: `instance/${input.id}` })
    ? leaveOut(
        planned,
        'UserNotPermitted',
        makeReason('InstanceNotPermitted', { action, instanceId: planned.instanceId }),
      )
    : planned

/** What the actor may do with the targets. */
interface Permitted {
  /** The action that is needed on each target. */
  readonly action: string
  readonly startable: ObjectFilter
  /** A target has to match one of them; to the actor, others do not exist. */
  readonly visible: readonly ObjectFilter[]
}

function findPermittedTargets(context: PlanContext, actor: Actor, operation: OperationRequest): Permitted {
  const action = instanceActionOf(operation)
  const startable = findPermitted(context, actor, action, 'instance')
  return { action, startable, visible: [findPermitted(context, actor, 'ecs:DescribeInstances', 'instance'), startable] }
}

function refuseTargets(targets: Targets, inputs: readonly PlanInput[]): void {
  if (inputs.length > maxTargetsPerExecution) {
    throw chandlerError('TargetsTooMany', { count: `more than ${maxTargetsPerExecution}`, max: maxTargetsPerExecution })
  }
  if (inputs.length === 0) throw chandlerError('TargetsEmpty', { selector: renderSelector(targets) })
  const missing = findMissing(targets, inputs)
  refuseUnclear(targets, inputs)
  if (missing.length > 0) throw chandlerError('TargetsNotFound', { missing: missing.join(', ') }, { missing })
}

/**
 * Refuses a parameter without a given or installed value on a target: the server must not choose
 * one.
 */
function refuseMissing(planned: readonly PlannedTarget[], inputs: readonly PlanInput[]): void {
  const lacking = planned.flatMap(({ missingParameter, parts = [] }, index) => {
    const name = missingParameter ?? parts.find((part) => part.missingParameter !== undefined)?.missingParameter
    return name === undefined ? [] : [{ name, instance: inputs[index]?.name ?? '' }]
  })
  const [first] = lacking
  if (!first) return
  const { name } = first
  const instances = lacking.filter((one) => one.name === name).map(({ instance }) => instance)
  const places =
    instances.length === planned.length
      ? ''
      : ` (on ${instances.length} of ${planned.length}, such as ${first.instance})`
  const message = `parameter ${name} is missing and has no default${places}`
  throw chandlerError('ParameterMissing', { name }, { problems: [{ path: `parameters.${name}`, message }] })
}

const maxShown = 20

function refuseUnclear(targets: Targets, inputs: readonly PlanInput[]): void {
  const ambiguous = findAmbiguous(targets, inputs)
  if (ambiguous.length > 0) {
    const matches = ambiguous.map(({ name, instances }) => `${name} is ${instances.map(({ id }) => id).join(' and ')}`)
    throw chandlerError('TargetsAmbiguous', { matches: showFirst(matches, '; ') }, { ambiguous: matches })
  }
  const pending = inputs.filter(({ admission }) => admission === 'pending').map(({ id, name }) => `${name} (${id})`)
  if (pending.length > 0)
    throw chandlerError('TargetsNotApproved', { instances: showFirst(pending, ', ') }, { pending })
}

const showFirst = (texts: readonly string[], separator: string) =>
  texts.slice(0, maxShown).join(separator) +
  (texts.length > maxShown ? `${separator}and ${texts.length - maxShown} more` : '')

function readRateControl(input: RateControlInput): RateControl {
  const parsed = parseRateControl(input)
  if ('rateControl' in parsed) return parsed.rateControl
  throw rateControlInvalid(parsed.problems)
}

const rateControlInvalid = (problems: readonly RateControlProblem[]) =>
  chandlerError(
    'RateControlInvalid',
    { field: problems[0]?.field ?? '', reason: problems[0]?.reason ?? '' },
    {
      problems: problems.map(({ field, reason }) => ({ path: `rateControl.${field}`, message: `${field} ${reason}` })),
    },
  )
