import type { TaskReasonCode } from '../execution/execution.ts'
import { describeChanges, type ParameterChange } from '../extension/effective-parameters.ts'
import { type Configuration, type ExtensionVersion, showVersion } from '../extension/extension.ts'
import type { InstanceId } from '../id.ts'
import { canConfirm } from '../install/install-plan.ts'
import type { InstalledState } from '../instance/instance.ts'
import { type ChosenConfiguration, findConfiguration } from './configuration.ts'
import { matchScope, type ScopeFacts } from './scope.ts'

export const planSteps = ['install', 'update', 'verify', 'uninstall', 'run', 'none', 'skip'] as const
export type PlanStep = (typeof planSteps)[number]
export type PlanReasonCode = Extract<
  TaskReasonCode,
  | 'Planned'
  | 'AlreadyAsWanted'
  | 'NotInScope'
  | 'NoConfiguration'
  | 'NotInstalled'
  | 'Offline'
  | 'ParametersUnfit'
  | 'Quarantined'
>

/** What an execution will do on one instance, and why (design §6). */
export interface PlannedTarget {
  readonly instanceId: InstanceId
  /**
   * `verify`: it is recorded as installed; the instance looks whether that is so, and installs it again if not. `none`: there is nothing to
   * do. `skip`: it is left out: the version is not for this instance, or (update) there is nothing to update.
   */
  readonly step: PlanStep
  readonly reasonCode: PlanReasonCode
  /** For people, such as "v1 -> v2" or "debian 10 is below >=11". */
  readonly reason: string
  /** The version that the instance has (perhaps broken). */
  readonly fromVersion?: number
  /** The version that it will have; absent for uninstall and for targets with nothing to do. */
  readonly toVersion?: number
  /** The recipe of `toVersion`; for uninstall that of `fromVersion`. */
  readonly configurationId?: string
  /** Which of the plan's sets of values it is given; absent: those of an instance that has nothing installed. */
  readonly parameterSet?: number
  /** Of the values that it will have; absent where there are none, or nothing changes. */
  readonly parametersDigest?: string
  /** How they differ from what is installed. */
  readonly parameterChanges?: readonly ParameterChange[]
  /** A required parameter that has no value there. */
  readonly missingParameter?: string
  /** Several extensions: what will be done for each, in their order; the fields above are of the first that is work. */
  readonly parts?: readonly PlannedPart[]
}

/** What will be done on one instance for one of several extensions. */
export interface PlannedPart extends Omit<PlannedTarget, 'instanceId' | 'parts'> {
  readonly extensionName: string
}

/** What is wanted; uninstall removes whatever version an instance has. */
export type PlannedRequest = (PlanInstallRequest | { readonly action: 'uninstall' }) & {
  /** Why an installed version cannot be removed by its own script, by `version/configuration`. */
  readonly refusedUninstalls?: ReadonlyMap<string, string> | undefined
}

interface PlanInstallRequest {
  readonly action: 'install' | 'update'
  readonly version: PlannedVersion
  /** The effective values for what an instance has of the extension. */
  readonly valuesFor: (installed: InstalledState | undefined) => WantedValues
  /** Install also where the very same is installed. */
  readonly reinstall?: boolean | undefined
  /** By the ids of the version's configurations. */
  readonly contentDigests?: Readonly<Record<string, string>>
}

export interface WantedValues {
  readonly parametersDigest: string
  readonly parameterSet?: number
  /** Against what is installed. */
  readonly changes: readonly ParameterChange[]
  readonly missing: readonly string[]
  readonly unfit: readonly string[]
  /** Whether secret values differ is not looked at: who asks may not know. */
  readonly hidesSecrets?: boolean
}

/** What a plan looks at in a version. */
export type PlannedVersion = Pick<ExtensionVersion, 'version' | 'scope'> & {
  readonly configurations: readonly PlannedConfiguration[]
}

/** Whether an instance can confirm it is seen by its checks and its package. */
type PlannedConfiguration = ChosenConfiguration & Partial<Pick<Configuration, 'artifact' | 'scripts' | 'verify'>>

export interface PlanTarget {
  readonly instance: { readonly id: InstanceId; readonly facts: ScopeFacts }
  /** What the instance has of the extension; absent = nothing. */
  readonly installed?: InstalledState | undefined
}

export interface PlanSummary {
  readonly steps: Readonly<Record<PlanStep, number>>
  readonly reasonCodes: Readonly<Record<PlanReasonCode, number>>
}

/**
 * Plans one instance (design §6). Install: what is not there is installed, another version, recipe or set of parameters is updated, a broken one
 * is installed again, the same is left alone. Update is the same, but touches only instances that have the extension. Both need scope and
 * a configuration. Uninstall removes what is there, whatever the scope says now.
 */
export function planTarget(request: PlannedRequest, target: PlanTarget): PlannedTarget {
  const decision = decide(request, target.installed, (version) => fitVersion(version, target))
  return { instanceId: target.instance.id, ...decision }
}

/** Plans every target, in order. Instances with equal facts are matched with scope and configurations once. */
export function planTargets(request: PlannedRequest, targets: readonly PlanTarget[]): PlannedTarget[] {
  const fits = new Map<string, VersionFit>()
  return targets.map((target) => {
    const decision = decide(request, target.installed, (version) => {
      const key = factsKey(target)
      const known = fits.get(key) ?? fitVersion(version, target)
      fits.set(key, known)
      return known
    })
    return { instanceId: target.instance.id, ...decision }
  })
}

/** Whether a planned target is work: it becomes a task that runs. */
export const isWork = ({ step }: Pick<PlannedTarget, 'step'>) => step !== 'none' && step !== 'skip'

/** An instance that is offline, where those are left out; one that is not work stays as it is planned. */
export const leaveOutOffline = (target: PlannedTarget): PlannedTarget =>
  isWork(target)
    ? {
        instanceId: target.instanceId,
        step: 'skip',
        reasonCode: 'Offline',
        reason: `offline when it was planned (would: ${target.reason})`.slice(0, maxReasonLength),
        ...(target.fromVersion === undefined ? {} : { fromVersion: target.fromVersion }),
      }
    : target

/** How many targets take each step, and for which reasons; every step and reason is named, also with 0. */
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
    Quarantined: 0,
  }
  for (const { step, reasonCode } of planned) {
    steps[step]++
    reasonCodes[reasonCode]++
  }
  return { steps, reasonCodes }
}

type Decision = Omit<PlannedTarget, 'instanceId'>
/** Whether the wanted version is for an instance: the recipe, or the decision to leave the instance out. */
export type VersionFit =
  /** `confirms`: the instance can say whether it is installed. */
  | { readonly configurationId: string; readonly confirms: boolean }
  | { readonly reasonCode: 'NotInScope' | 'NoConfiguration'; readonly reason: string }

function decide(
  request: PlannedRequest,
  installed: InstalledState | undefined,
  fit: (version: PlannedVersion) => VersionFit,
): Decision {
  const refused = installed && request.refusedUninstalls?.get(`${installed.version}/${installed.configurationId}`)
  if (request.action === 'uninstall') return decideUninstall(installed, refused)
  if (request.action === 'update' && !installed) {
    return {
      step: 'skip',
      reasonCode: 'NotInstalled',
      reason: 'not installed here; update only touches instances that have it',
    }
  }
  const from = installed && { fromVersion: installed.version }
  const fitted = fit(request.version)
  if ('reason' in fitted) return { step: 'skip', ...fitted, ...from }
  const values = request.valuesFor(installed)
  const misfit = findMisfit(values)
  if (misfit) return { step: 'skip', ...misfit, ...from }
  const wanted = { toVersion: request.version.version, configurationId: fitted.configurationId }
  const updates = request.version.configurations.some(
    ({ id, scripts }) => id === wanted.configurationId && scripts?.update,
  )
  if (installed && refused !== undefined && installed.version !== wanted.toVersion && !updates)
    return leaveOutRefused(installed, refused)
  const planned = { reasonCode: 'Planned', ...from, ...wanted, ...placeValues(values) } as const
  const to = showVersion(wanted.toVersion)
  if (!installed) return { step: 'install', reason: `not installed: installs ${to}`, ...planned }
  if (installed.status === 'broken') {
    return {
      step: 'install',
      reason: clipReason(
        [
          `the last change of it (${showVersion(installed.version)}) ended half-way: installs ${to}`,
          ...(values.changes.length > 0 ? [describeChanges(values.changes)] : []),
        ].join(', '),
      ),
      ...planned,
    }
  }
  const contentDigest = request.contentDigests?.[wanted.configurationId]
  const differences = findDifferences(installed, { ...wanted, ...values, contentDigest })
  if (differences.length > 0) return { step: 'update', reason: clipReason(differences.join(', ')), ...planned }
  const hidden = values.hidesSecrets ? hiddenSecrets : ''
  const same = `already installed: ${to}, same configuration, same parameters${hidden}`
  if (request.reinstall) return { step: 'install', reason: `${same}; installs it again`, ...planned }
  if (fitted.confirms) return { step: 'verify', reason: `${same}; the instance confirms it`, ...planned }
  return { step: 'none', reasonCode: 'AlreadyAsWanted', reason: same, ...from }
}

const hiddenSecrets = ' (secret ones are compared only for users who may start it)'

/** What an instance has and the version refuses is left out: its value is not thrown away without being asked for. */
function findMisfit({
  unfit,
  missing,
}: WantedValues): Pick<PlannedTarget, 'reasonCode' | 'reason' | 'missingParameter'> | undefined {
  const [missingParameter] = missing
  if (unfit.length > 0) {
    const reason = `installed values do not fit: ${unfit.join('; ')}. Give a value, or reset parameters`
    return { reasonCode: 'ParametersUnfit', reason: clipReason(reason) }
  }
  if (missingParameter === undefined) return undefined
  const reason = `parameter ${missingParameter} is missing and has no default`
  return { reasonCode: 'ParametersUnfit', reason, missingParameter }
}

const placeValues = ({ parametersDigest, parameterSet, changes }: WantedValues) => ({
  parametersDigest,
  ...(parameterSet === undefined ? {} : { parameterSet }),
  ...(changes.length === 0 ? {} : { parameterChanges: changes }),
})

/** An update script of the new version removes what the old one cannot. */
const leaveOutRefused = ({ version }: InstalledState, refused: string): Decision => ({
  step: 'skip',
  reasonCode: 'NoConfiguration',
  reason: clipReason(
    `${showVersion(version)} cannot be removed by its script (update to a version with an update script): ${refused}`,
  ),
  fromVersion: version,
})

function decideUninstall(installed: InstalledState | undefined, refused: string | undefined): Decision {
  if (!installed) return { step: 'none', reasonCode: 'AlreadyAsWanted', reason: 'not installed' }
  if (refused !== undefined) return leaveOutRefused(installed, refused)
  const { version, status, configurationId } = installed
  const reason =
    status === 'broken'
      ? `the last change of it ended half-way: uninstalls ${showVersion(version)}`
      : `uninstalls ${showVersion(version)}`
  return { step: 'uninstall', reasonCode: 'Planned', reason, fromVersion: version, configurationId }
}

function findDifferences(
  installed: InstalledState,
  wanted: WantedValues & {
    readonly toVersion: number
    readonly configurationId: string
    readonly contentDigest: string | undefined
  },
): string[] {
  const differences: string[] = []
  // Recipes of two versions have nothing to do with each other, whatever their ids.
  if (installed.version !== wanted.toVersion)
    differences.push(`${showVersion(installed.version)} -> ${showVersion(wanted.toVersion)}`)
  else if (installed.configurationId !== wanted.configurationId) {
    differences.push(
      `${showVersion(wanted.toVersion)}: configuration ${installed.configurationId} -> ${wanted.configurationId}`,
    )
  } else if (
    installed.contentDigest !== undefined &&
    wanted.contentDigest !== undefined &&
    installed.contentDigest !== wanted.contentDigest
  )
    differences.push(`${showVersion(wanted.toVersion)}: content differs from what is installed under this number`)
  if (wanted.changes.length > 0) differences.push(describeChanges(wanted.changes))
  else if (installed.parametersDigest !== wanted.parametersDigest) differences.push('parameters differ')
  return differences
}

/** Whether a version is for an instance, and if not why. */
export function fitVersion(
  { scope, configurations }: Omit<PlannedVersion, 'version'>,
  { instance }: { readonly instance: { readonly facts: ScopeFacts } },
): VersionFit {
  const match = matchScope(scope, instance.facts)
  if (!match.allowed) return { reasonCode: 'NotInScope', reason: clipReason(match.reasons.join('; ')) }
  const choice = findConfiguration(configurations, instance.facts)
  if (choice.configuration)
    return { configurationId: choice.configuration.id, confirms: confirms(choice.configuration) }
  return { reasonCode: 'NoConfiguration', reason: clipReason(choice.reasons.join('; ')) }
}

const confirms = ({ artifact, scripts = {}, verify = [] }: PlannedConfiguration) =>
  canConfirm({ configuration: { artifact, scripts, verify } })

/** All that scope and configurations look at. */
function factsKey({ instance: { facts } }: PlanTarget): string {
  const { family, id, version, arch } = facts.os
  return JSON.stringify([family, id, version, arch, facts.cloud?.instanceFamily, facts.cloud?.imageType])
}

/** As long as a task's reason may be on its way through the system; 64 recipes could say more. */
const maxReasonLength = 1_024
const clipReason = (reason: string) =>
  reason.length > maxReasonLength ? `${reason.slice(0, maxReasonLength - 1)}…` : reason
