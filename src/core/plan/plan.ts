import type { TaskReasonCode } from '../execution/execution.ts'
import type { DeclaredRefusal } from '../extension/declared-values.ts'
import {
  type DeclaredUse,
  type ParameterChange,
  showChanges,
  type UnfitValue,
} from '../extension/effective-parameters.ts'
import type { Configuration, ExtensionVersion } from '../extension/extension.ts'
import type { InstanceId } from '../id.ts'
import { canConfirm } from '../install/installation.ts'
import type { InstalledState } from '../instance/instance.ts'
import { makeReason } from '../reason/reason.ts'
import { type ChosenConfiguration, findConfiguration } from './configuration.ts'
import { listFirst, type PlanMessage, type PlanReason } from './plan-reason.ts'
import { matchScope, type ScopeFacts } from './scope.ts'

/** What a plan does on a target. */
export const planSteps = ['install', 'update', 'verify', 'uninstall', 'run', 'none', 'skip'] as const
export type PlanStep = (typeof planSteps)[number]

/** The reason codes of planned targets. */
export type PlanReasonCode = Extract<
  TaskReasonCode,
  | 'Planned'
  | 'AlreadyAsWanted'
  | 'NotInScope'
  | 'NoConfiguration'
  | 'NotInstalled'
  | 'Offline'
  | 'ParametersUnfit'
  | 'ChangedSince'
  | 'Quarantined'
  | 'UserNotPermitted'
>

/** What an execution will do on one instance, and why (design §6). */
export interface PlannedTarget {
  readonly instanceId: InstanceId
  /**
   * `verify`: it is recorded as installed; the instance checks that, and installs it again if it is
   * not. `none`: nothing to do. `skip`: the version is not for this instance, or (update) there is
   * nothing to update.
   */
  readonly step: PlanStep
  readonly reasonCode: PlanReasonCode
  /** For display, such as `VersionChanges` from 1 to 2, or `VersionBelow` with debian 10 and >=11. */
  readonly reason: PlanReason
  /** The version that the instance has (possibly broken). */
  readonly fromVersion?: number
  /** The version that it will have; absent for uninstall and for targets with nothing to do. */
  readonly toVersion?: number
  /** The configuration of `toVersion`; for uninstall that of `fromVersion`. */
  readonly configurationId?: string
  /**
   * The plan's set of values that it gets; absent: the set for instances without an installed
   * version.
   */
  readonly parameterSet?: number
  /** Of the values that it will have; absent if there are none, or nothing changes. */
  readonly parametersDigest?: string
  /** The differences from the installed values. */
  readonly parameterChanges?: readonly ParameterChange[]
  /** A required parameter without a value there. */
  readonly missingParameter?: string
  /**
   * Several extensions: the plan of each, in their order; the fields above are those of the first
   * with work.
   */
  readonly parts?: readonly PlannedPart[]
}

/** What will be done on one instance for one of several extensions. */
export interface PlannedPart extends Omit<PlannedTarget, 'instanceId' | 'parts'> {
  readonly extensionName: string
}

/** The requested version; uninstall removes whatever version an instance has. */
export type PlannedRequest = (PlanInstallRequest | { readonly action: 'uninstall' }) & {
  /** Where the script is refused that would remove an installed version, by `version/configuration`. */
  readonly refusedUninstalls?: ReadonlyMap<string, ScriptPlace> | undefined
}

/** From 1. */
interface ScriptPlace {
  readonly line: number
  readonly column: number
}

interface PlanInstallRequest {
  readonly action: 'install' | 'update'
  readonly version: PlannedVersion
  /** The effective values for an installed state of the extension. */
  readonly valuesFor: (installed: InstalledState | undefined, instanceId: InstanceId) => WantedValues
  /** Install also if the same version is installed. */
  readonly reinstall?: boolean | undefined
  /** By the ids of the version's configurations. */
  readonly contentDigests?: Readonly<Record<string, string>>
}

/** The effective values for one target. */
export interface WantedValues {
  readonly parametersDigest: string
  readonly parameterSet?: number
  /** Compared with the installed values. */
  readonly changes: readonly ParameterChange[]
  readonly missing: readonly string[]
  readonly unfit: readonly UnfitValue[]
  /** Values that were declared for a group, a tag or the instance; absent: none. */
  readonly declared?: readonly DeclaredUse[]
  readonly refused?: readonly DeclaredRefusal[]
  /** Whether secret values differ is not compared, because the requesting user may not know. */
  readonly hidesSecrets?: boolean
}

/** The fields of a version that a plan uses. */
export type PlannedVersion = Pick<ExtensionVersion, 'version' | 'scope'> & {
  readonly configurations: readonly PlannedConfiguration[]
}

/** Checks and package determine whether an instance can confirm the installation. */
type PlannedConfiguration = ChosenConfiguration & Partial<Pick<Configuration, 'artifact' | 'scripts' | 'verify'>>

/** An instance with its installed state of the extension. */
export interface PlanTarget {
  readonly instance: { readonly id: InstanceId; readonly facts: ScopeFacts }
  /** The installed state of the extension; absent: not installed. */
  readonly installed?: InstalledState | undefined
}

/** Counts of steps and reasons. */
export interface PlanSummary {
  readonly steps: Readonly<Record<PlanStep, number>>
  readonly reasonCodes: Readonly<Record<PlanReasonCode, number>>
}

/**
 * Plans one instance (design §6). Install: a missing version is installed, another version,
 * configuration or set of parameters is updated, a broken one is installed again, the same is
 * unchanged. Update is the same, but only for instances that have the extension. Both need scope
 * and a configuration. Uninstall removes the installed version, whatever the scope is now.
 */
export function planTarget(request: PlannedRequest, target: PlanTarget): PlannedTarget {
  const decision = decide(request, target, (version) => fitVersion(version, target))
  return { instanceId: target.instance.id, ...decision }
}

/**
 * Plans every target, in order. Scope and configurations are matched once for instances with equal
 * facts.
 */
export function planTargets(request: PlannedRequest, targets: readonly PlanTarget[]): PlannedTarget[] {
  const fits = new Map<string, VersionFit>()
  return targets.map((target) => {
    const decision = decide(request, target, (version) => {
      const key = factsKey(target)
      const known = fits.get(key) ?? fitVersion(version, target)
      fits.set(key, known)
      return known
    })
    return { instanceId: target.instance.id, ...decision }
  })
}

/** Whether a planned target has work: it becomes a task that runs. */
export const isWork = ({ step }: Pick<PlannedTarget, 'step'>) => step !== 'none' && step !== 'skip'

/** Skips an offline instance, if those are excluded; one without work is unchanged. */
export const leaveOutOffline = (target: PlannedTarget): PlannedTarget =>
  isWork(target)
    ? {
        instanceId: target.instanceId,
        step: 'skip',
        reasonCode: 'Offline',
        reason: [...makeReason('OfflineWhenPlanned'), ...target.reason],
        ...(target.fromVersion === undefined ? {} : { fromVersion: target.fromVersion }),
      }
    : target

/** Skips an instance, whatever the plan was. */
export function leaveOut(
  { instanceId, fromVersion, parts }: PlannedTarget,
  reasonCode: PlanReasonCode,
  reason: PlanReason,
): PlannedTarget {
  const leftOut = { step: 'skip', reasonCode, reason } as const
  return {
    instanceId,
    ...leftOut,
    ...(fromVersion !== undefined && { fromVersion }),
    ...(parts && { parts: parts.map(({ extensionName }) => ({ extensionName, ...leftOut })) }),
  }
}

/**
 * The number of targets for each step and each reason; every step and reason is included, also with
 * 0.
 */
export function summarizePlan(planned: readonly Pick<PlannedTarget, 'step' | 'reasonCode'>[]): PlanSummary {
  const steps: Record<PlanStep, number> = { install: 0, update: 0, verify: 0, uninstall: 0, run: 0, none: 0, skip: 0 }
  const reasonCodes: Record<PlanReasonCode, number> = {
    Planned: 0,
    AlreadyAsWanted: 0,
    NotInScope: 0,
    NoConfiguration: 0,
    NotInstalled: 0,
    Offline: 0,
    ParametersUnfit: 0,
    ChangedSince: 0,
    Quarantined: 0,
    UserNotPermitted: 0,
  }
  for (const { step, reasonCode } of planned) {
    steps[step]++
    reasonCodes[reasonCode]++
  }
  return { steps, reasonCodes }
}

type Decision = Omit<PlannedTarget, 'instanceId'>
/**
 * Whether the requested version fits an instance: the configuration, or the decision to skip the
 * instance.
 */
export type VersionFit =
  /** `confirms`: the instance can confirm the installation. */
  | { readonly configurationId: string; readonly confirms: boolean }
  | { readonly reasonCode: 'NotInScope' | 'NoConfiguration'; readonly reason: PlanReason }

function decide(
  request: PlannedRequest,
  { instance, installed }: PlanTarget,
  fit: (version: PlannedVersion) => VersionFit,
): Decision {
  const refused = installed && request.refusedUninstalls?.get(`${installed.version}/${installed.configurationId}`)
  if (request.action === 'uninstall') return decideUninstall(installed, refused)
  if (request.action === 'update' && !installed) {
    return { step: 'skip', reasonCode: 'NotInstalled', reason: makeReason('NothingToUpdate') }
  }
  const from = installed && { fromVersion: installed.version }
  const fitted = fit(request.version)
  if ('reason' in fitted) return { step: 'skip', ...fitted, ...from }
  const values = request.valuesFor(installed, instance.id)
  const misfit = findMisfit(values)
  if (misfit) return { step: 'skip', ...misfit, ...from }
  const wanted = { toVersion: request.version.version, configurationId: fitted.configurationId }
  const updates = request.version.configurations.some(
    ({ id, scripts }) => id === wanted.configurationId && scripts?.update,
  )
  if (installed && refused !== undefined && installed.version !== wanted.toVersion && !updates)
    return leaveOutRefused(installed, refused)
  const planned = { reasonCode: 'Planned', ...from, ...wanted, ...placeValues(values) } as const
  const { version } = request.version
  const declared = nameDeclared(values.declared)
  if (!installed)
    return { step: 'install', reason: [...makeReason('InstallsNew', { version }), ...declared], ...planned }
  if (installed.status === 'broken') {
    const reason = [
      ...makeReason('InstallsOverBroken', { from: installed.version, version }),
      ...nameChanges(values.changes),
      ...declared,
    ]
    return { step: 'install', reason, ...planned }
  }
  const contentDigest = request.contentDigests?.[wanted.configurationId]
  const differences = findDifferences(installed, { ...wanted, ...values, contentDigest })
  if (differences.length > 0) return { step: 'update', reason: [...differences, ...declared], ...planned }
  const same = [
    ...makeReason('AlreadyInstalled', { version }),
    ...(values.hidesSecrets ? makeReason('SecretsNotCompared') : []),
  ]
  if (request.reinstall) return { step: 'install', reason: [...same, ...makeReason('InstallsAgain')], ...planned }
  if (fitted.confirms) return { step: 'verify', reason: [...same, ...makeReason('InstanceConfirms')], ...planned }
  return { step: 'none', reasonCode: 'AlreadyAsWanted', reason: same, ...from }
}

/**
 * Skips an instance with an installed value that the version refuses: the value is not discarded
 * unless that was requested.
 */
function findMisfit({
  unfit,
  missing,
  refused = [],
}: WantedValues): Pick<PlannedTarget, 'reasonCode' | 'reason' | 'missingParameter'> | undefined {
  const [missingParameter] = missing
  if (refused.length > 0) {
    const { first, more } = listFirst(refused)
    const rest = more === 0 ? [] : makeReason('MoreMisfits', { count: more })
    return { reasonCode: 'ParametersUnfit', reason: [...first.flatMap(explainRefusal), ...rest] }
  }
  if (unfit.length > 0) {
    const refused = listFirst(unfit).first.map(
      ({ parameter, fault }) => ({ code: fault.code, arguments: { parameter, ...fault.arguments } }) as PlanMessage,
    )
    const reason = [...makeReason('InstalledValuesRefused'), ...refused, ...makeReason('ResetRefusedValues')]
    return { reasonCode: 'ParametersUnfit', reason }
  }
  if (missingParameter === undefined) return undefined
  const reason = makeReason('ParameterMissing', { parameter: missingParameter })
  return { reasonCode: 'ParametersUnfit', reason, missingParameter }
}

function explainRefusal(refusal: DeclaredRefusal): PlanReason {
  const { parameter } = refusal
  switch (refusal.kind) {
    case 'contradicts': {
      const { first, more } = listFirst(refusal.sources)
      return makeReason('DeclaredValuesContradict', { parameter, sources: [...first], more })
    }
    case 'secret':
      return makeReason('DeclaredValueSecret', { parameter, source: refusal.source })
    case 'unfit': {
      const { code, arguments: values } = refusal.fault
      const fault = { code, arguments: { parameter, ...values } } as PlanMessage
      return [...makeReason('DeclaredValueRefused', { source: refusal.source }), fault]
    }
  }
}

/** Names where the declared values of an instance come from. */
function nameDeclared(declared: readonly DeclaredUse[] = []): PlanReason {
  if (declared.length === 0) return []
  const { first, more } = listFirst(declared)
  return makeReason('ValuesDeclared', { values: [...first], more })
}

/** The fields of a planned target that follow from its values. */
export const placeValues = ({
  parametersDigest,
  parameterSet,
  changes,
}: Pick<WantedValues, 'parametersDigest' | 'parameterSet' | 'changes'>) => ({
  parametersDigest,
  ...(parameterSet === undefined ? {} : { parameterSet }),
  ...(changes.length === 0 ? {} : { parameterChanges: changes }),
})

/** An update script of the new version replaces the refused uninstall script. */
const leaveOutRefused = ({ version }: InstalledState, { line, column }: ScriptPlace): Decision => ({
  step: 'skip',
  reasonCode: 'NoConfiguration',
  reason: makeReason('UninstallScriptRefused', { version, line, column }),
  fromVersion: version,
})

function decideUninstall(installed: InstalledState | undefined, refused: ScriptPlace | undefined): Decision {
  if (!installed) return { step: 'none', reasonCode: 'AlreadyAsWanted', reason: makeReason('NotInstalled') }
  if (refused !== undefined) return leaveOutRefused(installed, refused)
  const { version, status, configurationId } = installed
  const reason = makeReason(status === 'broken' ? 'UninstallsBroken' : 'Uninstalls', { version })
  return { step: 'uninstall', reasonCode: 'Planned', reason, fromVersion: version, configurationId }
}

function findDifferences(
  installed: InstalledState,
  wanted: WantedValues & {
    readonly toVersion: number
    readonly configurationId: string
    readonly contentDigest: string | undefined
  },
): PlanReason {
  const { toVersion: version, configurationId, contentDigest, parametersDigest, changes } = wanted
  const changed = nameChanges(changes)
  return [
    ...findOtherContent(installed, { version, configurationId, contentDigest }),
    ...(changed.length === 0 && installed.parametersDigest !== parametersDigest
      ? makeReason('ParametersDiffer')
      : changed),
  ]
}

function findOtherContent(
  installed: InstalledState,
  wanted: {
    readonly version: number
    readonly configurationId: string
    readonly contentDigest: string | undefined
  },
): PlanReason {
  const { version, configurationId, contentDigest } = wanted
  // Configurations of two versions are unrelated, even with the same id.
  if (installed.version !== version) return makeReason('VersionChanges', { from: installed.version, to: version })
  if (installed.configurationId !== configurationId)
    return makeReason('ConfigurationChanges', { version, from: installed.configurationId, to: configurationId })
  const differs =
    installed.contentDigest !== undefined && contentDigest !== undefined && installed.contentDigest !== contentDigest
  return differs ? makeReason('ContentDiffers', { version }) : []
}

/** The message that names changed values; none if nothing changes. */
export function nameChanges(changes: readonly ParameterChange[]): PlanReason {
  if (changes.length === 0) return []
  const { first, more } = listFirst(changes)
  return makeReason('ParametersChange', { changes: showChanges(first), more })
}

/** Whether a version fits an instance, and if not why. */
export function fitVersion(
  { scope, configurations }: Omit<PlannedVersion, 'version'>,
  { instance }: { readonly instance: { readonly facts: ScopeFacts } },
): VersionFit {
  const match = matchScope(scope, instance.facts)
  if (!match.allowed) return { reasonCode: 'NotInScope', reason: match.reason }
  const choice = findConfiguration(configurations, instance.facts)
  if (choice.configuration)
    return { configurationId: choice.configuration.id, confirms: confirms(choice.configuration) }
  return { reasonCode: 'NoConfiguration', reason: choice.reason }
}

const confirms = ({ artifact, scripts = {}, verify = [] }: PlannedConfiguration) =>
  canConfirm({ configuration: { artifact, scripts, verify } })

/** All facts that scope and configurations use. */
function factsKey({ instance: { facts } }: PlanTarget): string {
  const { family, id, version, arch } = facts.os
  return JSON.stringify([family, id, version, arch, facts.cloud?.instanceFamily, facts.cloud?.imageType])
}
