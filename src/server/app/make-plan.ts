import { chandlerError } from '../../core/errors.ts'
import {
  type Action,
  type ExtensionVersion,
  type ParameterDeclarations,
  type ParameterValues,
  parseVersion,
} from '../../core/extension.ts'
import type { ExtensionId, InstanceId } from '../../core/id.ts'
import { maxTargetsPerExecution } from '../../core/limits.ts'
import { canonicalParameters, splitSecrets, validateParameters } from '../../core/parameter.ts'
import { isWork, type PlannedTarget, type PlanRequest, planTargets } from '../../core/plan.ts'
import type { ExecutionMode, RateControl, ResolvedRateControl } from '../../core/rate-control.ts'
import {
  parseRateControl,
  type RateControlInput,
  resolveDebugRateControl,
  resolveRateControl,
} from '../../core/resolve-rate-control.ts'
import { findMissing, renderSelector, type Targets, validateTargets } from '../../core/targets.ts'
import { sha256Of } from '../../lib/digest.ts'
import type { Connection } from '../../store/database.ts'
import { getExtensionVersion, getNewestInstallableVersion } from '../../store/extension-versions.ts'
import { getExtensionByName } from '../../store/extensions.ts'
import { listPlanInputs } from '../../store/plan-inputs.ts'
import type { Actor } from './context.ts'

export interface PlanQuestion {
  readonly action: Action
  readonly extension: string
  readonly version?: string | undefined
  readonly targets: Targets
  readonly parameters: ParameterValues
  readonly rateControl: RateControlInput
  /** Debug: one task at a time and no batches, whatever the rate control says. */
  readonly mode?: ExecutionMode
}

/** A plan with all that starting it needs: nothing is left to choose. */
export interface Plan {
  readonly action: Action
  readonly extensionId: ExtensionId
  readonly extensionName: string
  /** Absent for uninstall. */
  readonly version: ExtensionVersion | undefined
  readonly targets: Targets
  readonly planned: readonly (PlannedTarget & { readonly name: string })[]
  /** How many of them are work. */
  readonly workCount: number
  readonly rateControl: ResolvedRateControl & { readonly mode: RateControl['mode'] }
  readonly parameters: { readonly open: ParameterValues; readonly secret: ParameterValues; readonly digest: string }
}

/**
 * Resolves targets, matches scope and configurations, compares with what is installed: what would happen on every target, and why.
 * Changes nothing.
 */
export async function makePlan(
  database: Connection,
  actor: Pick<Actor, 'accountId'>,
  question: PlanQuestion,
): Promise<Plan> {
  const problem = validateTargets(question.targets)
  if (problem) throw chandlerError('SelectorInvalid', { selector: renderSelector(question.targets), reason: problem })
  const extension = await getExtensionByName(database, actor.accountId, question.extension)
  if (!extension) throw chandlerError('ExtensionNotFound', { name: question.extension })
  const version = await findVersion(database, actor, question, extension.id)
  const parameters = findParameters(version?.parameters ?? {}, question)
  const inputs = await listPlanInputs(
    database,
    actor.accountId,
    question.targets,
    extension.id,
    maxTargetsPerExecution + 1,
  )
  refuseTargets(question.targets, inputs)

  const request: PlanRequest = version
    ? { action: question.action as 'install' | 'update', version, parametersDigest: parameters.digest }
    : { action: 'uninstall' }
  const planned = planTargets(
    request,
    inputs.map((input) => ({ instance: input, installed: input.installed })),
  )
  const workCount = planned.filter(isWork).length
  const rateControl = readRateControl(question.rateControl)
  return {
    action: question.action,
    extensionId: extension.id,
    extensionName: extension.name,
    version,
    targets: question.targets,
    planned: planned.map((target, index) => ({ ...target, name: inputs[index]?.name ?? '' })),
    workCount,
    rateControl: { ...resolveFor(question.mode, rateControl, workCount), mode: rateControl.mode },
    parameters,
  }
}

function resolveFor(mode: ExecutionMode | undefined, rateControl: RateControl, workCount: number): ResolvedRateControl {
  const resolved = resolveRateControl(rateControl, workCount)
  return mode === 'Debug' ? resolveDebugRateControl(workCount, resolved.maxErrors) : resolved
}

async function findVersion(
  database: Connection,
  actor: Pick<Actor, 'accountId'>,
  question: PlanQuestion,
  extensionId: ExtensionId,
): Promise<ExtensionVersion | undefined> {
  if (question.action === 'uninstall') {
    if (question.version === undefined) return undefined
    const reason = 'uninstall takes no version: what is removed is what each instance has'
    throw chandlerError('RequestInvalid', { reason })
  }
  if (question.version === undefined) {
    const newest = await getNewestInstallableVersion(database, actor.accountId, extensionId)
    if (!newest) throw chandlerError('VersionDeprecated', { name: question.extension, version: 'of every number' })
    return newest
  }
  const number = parseVersion(question.version)
  const version =
    number === undefined ? undefined : await getExtensionVersion(database, actor.accountId, extensionId, number)
  if (!version) throw chandlerError('VersionNotFound', { name: question.extension, version: question.version })
  if (version.deprecated)
    throw chandlerError('VersionDeprecated', { name: question.extension, version: question.version })
  return version
}

function findParameters(declarations: ParameterDeclarations, { action, parameters }: PlanQuestion): Plan['parameters'] {
  const validation = validateParameters(declarations, action, parameters)
  if ('problems' in validation) {
    const [first] = validation.problems
    const problems = validation.problems.map(({ name, message }) => ({
      path: `parameters.${name}`,
      message: `parameter ${name} ${message}`,
    }))
    if (first?.code === 'ParameterMissing') throw chandlerError('ParameterMissing', { name: first.name }, { problems })
    throw chandlerError(
      first?.code ?? 'ParameterInvalid',
      { name: first?.name ?? '', reason: first?.message ?? '' },
      { problems },
    )
  }
  const { open, secret } = splitSecrets(declarations, validation.values)
  return { open, secret, digest: sha256Of(canonicalParameters(validation.values)) }
}

function refuseTargets(
  targets: Targets,
  inputs: readonly { id: InstanceId; name: string; tags: Readonly<Record<string, string>>; resourceGroup: string }[],
): void {
  if (inputs.length > maxTargetsPerExecution) {
    throw chandlerError('TargetsTooMany', { count: `more than ${maxTargetsPerExecution}`, max: maxTargetsPerExecution })
  }
  if (inputs.length === 0) throw chandlerError('TargetsEmpty', { selector: renderSelector(targets) })
  const missing = findMissing(targets, inputs)
  if (missing.length > 0) throw chandlerError('TargetsNotFound', { missing: missing.join(', ') }, { missing })
}

function readRateControl(input: RateControlInput): RateControl {
  const parsed = parseRateControl(input)
  if ('rateControl' in parsed) return parsed.rateControl
  const problems = parsed.problems.map(({ field, reason }) => ({
    path: `rateControl.${field}`,
    message: `${field} ${reason}`,
  }))
  throw chandlerError(
    'RateControlInvalid',
    { field: parsed.problems[0]?.field ?? '', reason: parsed.problems[0]?.reason ?? '' },
    { problems },
  )
}
