import type { Action, ScriptKind } from '../extension/extension.ts'
import type { TrustRefusalArguments } from '../trust/trust-refusal.ts'
import type { InstallStepId } from './install-step-ids.ts'
import type { StepReasonArguments } from './step-reason.ts'

/** Why an agent ended an invocation as it did: codes with arguments. Texts are causes that it quotes. */
export type AgentReason = readonly AgentReasonMessage[]

export type AgentReasonMessage =
  | {
      readonly [Code in keyof AgentReasonArguments]: {
        readonly code: Code
        readonly arguments: AgentReasonArguments[Code]
      }
    }[keyof AgentReasonArguments]
  | { readonly code: 'Text'; readonly arguments: { readonly text: string } }

/** The arguments of each message. Versions are those of extensions, as numbers. */
export interface AgentReasonArguments extends TrustRefusalArguments, StepReasonArguments {
  // It succeeded.
  readonly Installed: OfVersion
  readonly InstalledOverBroken: OfVersion & { readonly broken: number }
  readonly InstalledOnceMore: OfVersion
  /** `over`: the old installation was not removed, because it has no uninstall script. */
  readonly InstalledChanged: OfVersion & { readonly over: boolean }
  readonly Updated: { readonly from: number; readonly to: number; readonly over: boolean }
  readonly Uninstalled: OfVersion
  readonly CommandSucceeded: NoArguments
  readonly RecordRemoved: OfVersion
  readonly WasNotInstalled: NoArguments
  readonly WasInstalled: OfVersion & { readonly confirmed: boolean }
  /** The messages after it say what was missing. */
  readonly RecordedButMissing: NoArguments
  readonly Rebooted: NoArguments
  readonly RebootRefused: NoArguments

  // It was refused.
  readonly RequestIncomplete: { readonly action: Action | 'run' }
  readonly NoInstallScript: OfVersion

  /** The messages after it are the reason. */
  readonly TaskNotStarted: NoArguments

  // What a failure left behind.
  readonly OutputScriptOnly: OfVersion
  readonly LeftUnknown: OfVersion
  readonly LeftUnknownNotInstalled: OfVersion & { readonly wanted: number }
  readonly LeftRemoved: OfVersion
  /** The messages after it are the reason. */
  readonly LeftNotRemoved: OfVersion
  readonly PutBack: OfVersion
  /** The messages after it are the reason. */
  readonly NotPutBack: OfVersion
  readonly NotPutBackWithoutScript: OfVersion
  readonly PartsOfBoth: { readonly from: number; readonly to: number }

  // A script, or a package manager instead of it.
  readonly ScriptExited: OfScript & { readonly exitCode: number; readonly meaning: ExitCodeMeaning }
  readonly ScriptExitedLikeSignal: OfScript & { readonly exitCode: number; readonly signal: string }
  readonly ScriptSignalled: OfScript & { readonly signal: string }
  readonly ScriptTimeOver: OfScript & { readonly seconds: number }
  readonly ScriptCancelled: OfScript
  readonly ScriptInterrupted: OfScript
  readonly ScriptEndedByReboot: OfScript
  readonly ScriptEndedByShutdown: OfScript
  readonly ScriptNotStarted: OfScript
  /** The last line of its output. */
  readonly ScriptSaid: { readonly text: string }
  readonly NoPackageChanged: NoArguments
  /** The messages after it say what was changed. */
  readonly ChangedBeforeFailure: NoArguments
  readonly InterruptedCompleted: { readonly names: readonly string[] }

  // A step that did not begin.
  readonly CancelledBeforeStep: { readonly step: InstallStepId }
  readonly TimeOverBeforeStep: { readonly step: InstallStepId; readonly seconds: number }
  readonly CancelledBeforeAnything: NoArguments
  readonly CancelledBeforeReboot: NoArguments

  // The agent itself.
  readonly InstanceDiskFull: { readonly path: string }
  readonly AgentNotPermitted: { readonly error: string }
  readonly AgentCouldNotContinue: { readonly error: string }
}

export const exitCodeMeanings = [
  'none',
  'installationFailed',
  'healthCheckFailed',
  'processIdNotRecorded',
  'userScriptFailed',
] as const
export type ExitCodeMeaning = (typeof exitCodeMeanings)[number]

/** What ran: the command, a script of a version, or a package manager instead of a script. */
export const ranScripts = ['command', 'packages', 'packageInstall', 'packageRemoval'] as const
export type RanScript = ScriptKind | (typeof ranScripts)[number]

interface OfScript {
  readonly script: RanScript
  /** 0: of no version. */
  readonly version: number
}

interface OfVersion {
  readonly version: number
}

type NoArguments = Readonly<Record<string, never>>
