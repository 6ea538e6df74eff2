/**
 * Why a step of an invocation could not be done on its instance. Arguments named `error` are causes that the agent quotes:
 * messages of the system, of a server or of a program. Sizes are bytes.
 */
export interface StepReasonArguments {
  // OS packages and programs.
  readonly PackageKindUnsupported: { readonly kind: string }
  readonly PackagesNeedSystem: { readonly kind: NativePackages }
  readonly PackagesNeedRoot: NoArguments
  readonly PackagesNeedAdministrator: NoArguments
  readonly PackageManagerMissing: { readonly names: readonly string[] }
  readonly PackageNotKept: { readonly file: string }
  /** `found`: the installed version; empty: none. */
  readonly PackageNotFound: { readonly name: string; readonly version: string; readonly found: string }

  // The user and the directory of the scripts.
  readonly RunAsOnWindows: { readonly user: string; readonly agentUser: string }
  readonly RunAsNeedsRoot: { readonly user: string; readonly agentUser: string }
  readonly RunAsUnknown: { readonly user: string }
  readonly RunAsNeedsSetpriv: { readonly user: string }
  /** `entry`: the directory of the path that the user may not enter. */
  readonly RunAsBlocked: { readonly user: string; readonly path: string; readonly entry: string }
  readonly WorkDirMissing: { readonly path: string }

  // A script before its start. `version` 0: of no version.
  readonly InterpreterMissing: ScriptOfVersion & { readonly interpreter: string }
  readonly ScriptRefused: ScriptOfVersion & { readonly line: number; readonly error: string }
  readonly ParameterNameUnusable: { readonly parameter: string }
  readonly ParametersCollide: { readonly parameter: string; readonly other: string; readonly variable: string }
  readonly ParameterHasNul: { readonly parameter: string }

  // A check after the installation.
  readonly CheckFailed: {
    /** Such as `port 8080`. */
    readonly check: string
    readonly seconds: number
    readonly seen: CheckSeenKind
    /** What `seen` is about: a path, a host, a number, a message. May be empty. */
    readonly detail: string
  }

  // A reboot that a script requested.
  readonly RebootImpossible: { readonly error: string }
  readonly RebootTried: { readonly count: number }
  readonly RebootWithoutEffect: { readonly seconds: number }

  // What an earlier process of the agent did.
  readonly JournalUnreadable: NoArguments
  /** An instance without scripts: `chandler instance simulate`. */
  readonly Simulated: { readonly end: SimulatedEnd }

  // The artifact.
  /** The message after it is the reason. */
  readonly PreviousNotKept: { readonly version: number }
  readonly DownloadStopped: NoArguments
  readonly DownloadRefused: { readonly file: string; readonly error: string }
  readonly DownloadTimeOver: {
    readonly file: string
    readonly error: string
    readonly receivedBytes: number
    readonly sizeBytes: number
  }
  readonly DownloadedOtherContent: { readonly file: string; readonly sha256: string; readonly expected: string }
  readonly DownloadedOtherSize: {
    readonly file: string
    readonly sizeBytes: number
    readonly expected: number
    /** There was more; the agent stopped there. */
    readonly isMore: boolean
  }
  readonly DiskSpaceMissing: {
    readonly use: 'download' | 'workspace'
    readonly file: string
    readonly path: string
    readonly neededBytes: number
    readonly freeBytes: number
  }
  readonly ArchiveHoldsItself: { readonly file: string }
  readonly ArchiveNotUnpacked: { readonly kind: string; readonly error: string }
}

export const simulatedEnds = ['succeeded', 'failed', 'timedOut', 'cancelled'] as const
export type SimulatedEnd = (typeof simulatedEnds)[number]

export const nativePackages = ['deb', 'rpm', 'msi', 'any'] as const
/** Packages of an operating system; `any`: those that it has itself. */
export type NativePackages = (typeof nativePackages)[number]

export const checkSeenKinds = [
  'nothingNamed',
  'noProcess',
  'noFile',
  'notAFile',
  'noProcessId',
  'processEnded',
  'otherProcess',
  'noAnswer',
  'refused',
  'otherDigest',
  'status',
  'notInstalled',
  'otherVersion',
  'didNotEnd',
  'exitCode',
  'signal',
  'interrupted',
  'error',
] as const
/** What a check found instead of what it wants. */
export type CheckSeenKind = (typeof checkSeenKinds)[number]

/** A script that a step reason is about, besides those of versions. */
export const namedScripts = [
  'install',
  'uninstall',
  'update',
  'output',
  'command',
  'packages',
  'check',
  'agentUpgrade',
] as const
export type NamedScript = (typeof namedScripts)[number]

export interface ScriptOfVersion {
  readonly script: NamedScript
  readonly version: number
}

type NoArguments = Readonly<Record<string, never>>
