import { showVersion } from '../extension/extension.ts'
import type { AgentReasonArguments, ExitCodeMeaning, RanScript } from '../install/agent-reason.ts'
import type { InstallStepId } from '../install/install-step-ids.ts'
import { englishStepReasons } from './english-step-reasons.ts'
import { englishTrustReasons } from './english-trust-reasons.ts'
import type { ReasonCatalogue } from './render-reason.ts'

/** The reasons of agents in English. */
export const englishAgentReasons: Pick<ReasonCatalogue, keyof AgentReasonArguments> = {
  ...englishTrustReasons,
  ...englishStepReasons,

  Installed: ({ version }) => `Installed ${showVersion(version)}.`,
  InstalledOverBroken: ({ version, broken }) =>
    `Installed ${showVersion(version)} over what was left of ${showVersion(broken)}.`,
  InstalledOnceMore: ({ version }) => `Installed ${showVersion(version)} again.`,
  InstalledChanged: ({ version, over }) =>
    `Installed ${showVersion(version)} again with the new configuration and parameters${showOver(over)}.`,
  Updated: ({ from, to, over }) => `Updated ${showVersion(from)} to ${showVersion(to)}${showOver(over)}.`,
  Uninstalled: ({ version }) => `Uninstalled ${showVersion(version)}.`,
  CommandSucceeded: () => 'The command succeeded.',
  RecordRemoved: ({ version }) =>
    `${showVersion(version)} has no uninstall script: its record was removed, and its files remain.`,
  WasNotInstalled: () => 'It was not installed.',
  WasInstalled: ({ version, confirmed }) =>
    `${showVersion(version)} is already installed with the same configuration and parameters${confirmed ? ', as the instance confirms' : ''}.`,
  RecordedButMissing: () => 'It was recorded as installed, but was not:',
  Rebooted: () => 'The instance was rebooted.',
  RebootRefused: () => 'A script requested a reboot, which the execution does not allow: reboot the instance.',

  RequestIncomplete: ({ action }) =>
    `The server asked for an ${action} without saying what to ${action}; no version of this program does that.`,
  NoInstallScript: ({ version }) =>
    `${showVersion(version)} has no install script, and the package manager of the OS cannot install its artifact.`,
  TaskNotStarted: () => 'The task was not started.',

  OutputScriptOnly: ({ version }) => `${showVersion(version)} itself is installed.`,
  LeftUnknown: ({ version }) => `What is left of ${showVersion(version)} is not known.`,
  LeftUnknownNotInstalled: ({ version, wanted }) =>
    `What is left of ${showVersion(version)} is not known, and ${showVersion(wanted)} was not installed.`,
  LeftRemoved: ({ version }) => `What was left of ${showVersion(version)} was removed.`,
  LeftNotRemoved: ({ version }) => `Then what is left of ${showVersion(version)} could not be removed:`,
  PutBack: ({ version }) => `${showVersion(version)} was put back.`,
  NotPutBack: ({ version }) => `Then ${showVersion(version)} could not be put back:`,
  NotPutBackWithoutScript: ({ version }) => `${showVersion(version)} was not put back: it has no install script.`,
  PartsOfBoth: ({ from, to }) =>
    `The instance may have parts of ${showVersion(from)} and ${showVersion(to)}. An update script cannot be undone: run the update again.`,

  ScriptExited: ({ script, version, exitCode, meaning }) =>
    `${nameScript(script, version)} failed with exit code ${exitCode}${showMeaning(exitCodeNames[meaning])}.`,
  ScriptExitedLikeSignal: ({ script, version, exitCode, signal }) =>
    `${nameScript(script, version)} failed with exit code ${exitCode} (as after signal ${signal}).`,
  ScriptSignalled: ({ script, version, signal }) => `${nameScript(script, version)} was ended by signal ${signal}.`,
  ScriptTimeOver: ({ script, version, seconds }) =>
    `${nameScript(script, version)} had not ended when the time of ${seconds} s for all scripts was over; it was ended, with all its processes.`,
  ScriptCancelled: ({ script, version }) =>
    `${nameScript(script, version)} was ended, with all its processes, because the task was cancelled.`,
  ScriptInterrupted: ({ script, version }) =>
    `${nameScript(script, version)} was interrupted: it was killed together with what watched it, or the machine went down. How far it came is not known.`,
  ScriptEndedByReboot: ({ script, version }) =>
    `The machine rebooted while ${nameRunning(script, version)} was running. How far it came is not known.`,
  ScriptEndedByShutdown: ({ script, version }) =>
    `The machine was shutting down while ${nameRunning(script, version)} was running. How far it came is not known.`,
  ScriptNotStarted: ({ script, version }) =>
    `${nameScript(script, version)} could not be started: the system started no process for it. Nothing of it was run.`,
  ScriptSaid: ({ text }) => `It said: ${text}${/[.!?…]$/.test(text) ? '' : '.'}`,
  NoPackageChanged: () => 'No package was changed.',
  ChangedBeforeFailure: () => 'Before it failed:',
  InterruptedCompleted: ({ names }) => `The interrupted installation of ${names.join(', ')} was completed first.`,

  CancelledBeforeStep: ({ step }) => `Cancelled before ${stepNames[step]}.`,
  TimeOverBeforeStep: ({ step, seconds }) =>
    `The time of ${seconds} s for all scripts was over before ${stepNames[step]}.`,
  CancelledBeforeAnything: () => 'Cancelled before anything was done.',
  CancelledBeforeReboot: () => 'Cancelled before the reboot that a script requested; the instance was not rebooted.',

  InstanceDiskFull: ({ path }) => `The disk is full${path ? ` (${path})` : ''}. Free disk space and retry.`,
  AgentNotPermitted: ({ error }) => `The agent does not have the permission: ${error}.`,
  AgentCouldNotContinue: ({ error }) => `The agent could not continue: ${error}.`,
}

const showOver = (over: boolean) => (over ? ', over the old one, which has no uninstall script' : '')
const showMeaning = (name: string | undefined) => (name ? ` (${name})` : '')

/** The seed document's meanings. */
const exitCodeNames: Readonly<Record<ExitCodeMeaning, string>> = {
  none: '',
  installationFailed: 'installation failed',
  healthCheckFailed: 'health check failed',
  processIdNotRecorded: 'failed to record process ID',
  userScriptFailed: 'user script failed',
}

const scriptNames: Readonly<Record<RanScript, (version: string) => string>> = {
  command: () => 'The command',
  packages: () => 'The package manager',
  install: (version) => `The install script of ${version}`,
  uninstall: (version) => `The uninstall script of ${version}`,
  update: (version) => `The update script of ${version}`,
  output: (version) => `The output script of ${version}`,
  packageInstall: (version) => `The package manager, installing ${version},`,
  packageRemoval: (version) => `The package manager, removing ${version},`,
}

const nameScript = (script: RanScript, version: number) => scriptNames[script]?.(showVersion(version)) ?? script

/** Within a sentence. */
function nameRunning(script: RanScript, version: number): string {
  const name = String(nameScript(script, version))
  return `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
}

const stepNames: Readonly<Record<InstallStepId, string>> = {
  confirmInstalled: 'the check of what is installed',
  prepareWanted: 'the preparation',
  keepPrevious: 'the download of the installed version',
  prepareUninstall: 'the preparation of the removal',
  uninstallPrevious: 'the removal of the installed version',
  installWanted: 'the installation',
  updateWanted: 'the update',
  verifyWanted: 'the verification',
  outputWanted: 'the output script',
  prepareRestore: 'the preparation of the rollback',
  restorePrevious: 'the rollback',
  verifyPrevious: 'the verification of the rollback',
  removeWanted: 'the removal of what was left',
  runWanted: 'the start',
}
