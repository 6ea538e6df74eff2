import type { CommandType, OsPackageAction, OsPackageInstaller } from '../execution/operation.ts'
import type { ValueSource } from '../extension/declared-values.ts'
import type { DeclaredUse, ShownChange } from '../extension/effective-parameters.ts'
import type { ValueFaults } from '../extension/value-fault.ts'
import type { OsFamily } from '../instance/facts.ts'

/** Why a plan does something on an instance, or nothing: codes with arguments, never a sentence. */
export type PlanReason = readonly PlanMessage[]

export type PlanMessage = {
  readonly [Code in keyof PlanReasonArguments]: {
    readonly code: Code
    readonly arguments: PlanReasonArguments[Code]
  }
}[keyof PlanReasonArguments]

/**
 * The arguments of each message. Versions of extensions are numbers. Empty values are unknown facts
 * of the instance; `more` counts what a list omits.
 */
export interface PlanReasonArguments extends UnfitValues {
  // What is done.
  readonly InstallsNew: { readonly version: number }
  readonly InstallsOverBroken: { readonly from: number; readonly version: number }
  readonly InstallsAgain: NoArguments
  readonly InstanceConfirms: NoArguments
  readonly Uninstalls: { readonly version: number }
  readonly UninstallsBroken: { readonly version: number }
  readonly RunsScript: NoArguments
  readonly RunsPackageManager: {
    readonly installer: OsPackageInstaller
    readonly action: OsPackageAction
    readonly names: readonly string[]
    readonly more: number
  }
  readonly AgentChanges: { readonly from: string; readonly to: string }

  /** Where values come from that were not given. */
  readonly ValuesDeclared: { readonly values: readonly DeclaredUse[]; readonly more: number }

  // The differences from what is installed.
  readonly VersionChanges: { readonly from: number; readonly to: number }
  readonly ConfigurationChanges: { readonly version: number; readonly from: string; readonly to: string }
  readonly ContentDiffers: { readonly version: number }
  readonly ParametersChange: { readonly changes: readonly ShownChange[]; readonly more: number }
  readonly ParametersDiffer: NoArguments

  // Nothing to do.
  readonly AlreadyInstalled: { readonly version: number }
  readonly SecretsNotCompared: NoArguments
  readonly NotInstalled: NoArguments
  readonly NothingToUpdate: NoArguments
  readonly AgentIsCurrent: { readonly program: string }

  // The instance is left out.
  /** The messages after it are the reason for which it would have had work. */
  readonly OfflineWhenPlanned: NoArguments
  /** The user may see the instance, and may not perform the action on it. */
  readonly InstanceNotPermitted: { readonly action: string; readonly instanceId: string }
  readonly InstanceQuarantined: { readonly instanceId: string }
  readonly UninstallScriptRefused: { readonly version: number; readonly line: number; readonly column: number }
  readonly CommandNeedsOs: { readonly type: CommandType; readonly os: OsFamily; readonly instanceOs: OsFamily }
  readonly PackagesNeedOs: {
    readonly installer: OsPackageInstaller
    readonly os: OsFamily
    readonly instanceOs: OsFamily
  }
  /** Of plans that earlier servers stored, which had no agent for Windows. */
  readonly NoAgentForOs: { readonly os: OsFamily }
  readonly NoAgentForArch: { readonly os: OsFamily; readonly arch: string }
  /** It was installed neither by install.sh nor by install.ps1. */
  readonly AgentNotUpgradable: NoArguments
  readonly AgentIsNewer: { readonly installed: string; readonly version: string }

  // Out of scope.
  readonly FamilyUnknown: AllowedNames
  readonly FamilyNotInScope: AllowedNames & { readonly family: string }
  readonly ImageTypeUnknown: AllowedNames
  readonly ImageTypeNotInScope: AllowedNames & { readonly imageType: string }
  readonly PlatformNotInScope: AllowedNames & { readonly platform: string; readonly version: string }
  readonly VersionBelow: ComparedVersion
  readonly VersionAbove: ComparedVersion
  readonly VersionDiffers: ComparedVersion
  readonly VersionNotComparable: { readonly platform: string; readonly version: string }
  readonly VersionUnknown: { readonly platform: string; readonly range: string }
  readonly VersionRangeInvalid: { readonly platform: string; readonly range: string }

  // No configuration fits.
  readonly NoConfigurations: NoArguments
  readonly NoInstallableVersion: NoArguments
  readonly ConfigurationNeedsOs: {
    readonly configuration: string
    readonly os: OsFamily
    readonly instanceOs: OsFamily
  }
  readonly ConfigurationNeedsArch: {
    readonly configuration: string
    readonly os: OsFamily
    readonly arch: string
    readonly instanceArch: string
  }
  readonly ConfigurationNeedsPlatform: {
    readonly configuration: string
    readonly platform: string
    readonly instancePlatform: string
  }
  /** The messages after it say why the instance's version is not in the range. */
  readonly ConfigurationNeedsVersion: {
    readonly configuration: string
    readonly platform: string
    readonly range: string
  }
  /** Misfits that are not listed. */
  readonly MoreMisfits: { readonly count: number }

  // The version refuses installed values; which ones is in the messages after it.
  readonly InstalledValuesRefused: NoArguments
  readonly ResetRefusedValues: NoArguments
  readonly ParameterMissing: { readonly parameter: string }

  // Values that were declared for a group, a tag or the instance.
  readonly DeclaredValuesContradict: {
    readonly parameter: string
    readonly sources: readonly ValueSource[]
    readonly more: number
  }
  /** The message after it says why. */
  readonly DeclaredValueRefused: { readonly source: ValueSource }
  readonly DeclaredValueSecret: { readonly parameter: string; readonly source: ValueSource }

  // Rollback.
  /** It had this version before. */
  readonly RestoresVersion: { readonly version: number }
  /** It did not have the extension before. */
  readonly RestoresAbsence: { readonly version: number }
  readonly NothingToRestore: NoArguments
  readonly VersionDeleted: { readonly version: number }
  readonly ChangedByExecution: { readonly executionId: string }
  /** Versions: 0 = not installed. */
  readonly StateDiffers: { readonly expected: number; readonly found: number }

  // Several extensions: the messages after it belong to this one.
  readonly InExtension: { readonly extension: string }
  readonly MoreExtensions: { readonly count: number }
}

/** An installed value that the version refuses, by the fault of the value. */
type UnfitValues = {
  readonly [Code in keyof ValueFaults]: ValueFaults[Code] & { readonly parameter: string }
}

type NoArguments = Readonly<Record<string, never>>

interface AllowedNames {
  readonly allowed: readonly string[]
  readonly more: number
}

/** A comparison of the instance's OS version that does not hold. */
interface ComparedVersion {
  readonly platform: string
  readonly version: string
  readonly range: string
}

/** The first entries of a list, and how many are omitted: no reader reads more. */
export const listFirst = <T>(
  entries: readonly T[],
  max = 8,
): { readonly first: readonly T[]; readonly more: number } => ({
  first: entries.slice(0, max),
  more: Math.max(0, entries.length - max),
})
