import { showVersion } from '../extension/extension.ts'
import type {
  CheckSeenKind,
  NamedScript,
  NativePackages,
  SimulatedEnd,
  StepReasonArguments,
} from '../install/step-reason.ts'
import type { ReasonCatalogue } from './render-reason.ts'

/** Why a step could not be done, in English. */
export const englishStepReasons: Pick<ReasonCatalogue, keyof StepReasonArguments> = {
  PackageKindUnsupported: ({ kind }) =>
    `This agent does not support ${kind} packages yet. Add an install and an uninstall script to the configuration.`,
  PackagesNeedSystem: ({ kind }) => systemTexts[kind],
  PackagesNeedRoot: () =>
    'Only root may install or remove OS packages. Run the agent as root, or use scripts that need no root.',
  PackagesNeedAdministrator: () =>
    'Only an administrator may install or remove programs. Run the agent as a service, or use scripts that need no administrator.',
  PackageManagerMissing: ({ names }) => `There is no ${names.join(', no ')} on this instance.`,
  PackageNotKept: ({ file }) => `The package ${file} is no longer stored on the instance and cannot be compared.`,
  PackageNotFound: ({ name, version, found }) =>
    `The package ${name} ${version} was not found: ${found === '' ? 'it is not installed' : `version ${found} is installed`}.`,

  RunAsOnWindows: ({ user, agentUser }) =>
    `The scripts are to run as ${user}. On Windows all scripts run as the user of the agent, ${agentUser}; remove runAs.`,
  RunAsNeedsRoot: ({ user, agentUser }) =>
    `The scripts are to run as ${user}, and only an agent that runs as root may do that; this one runs as ${agentUser}.`,
  RunAsUnknown: ({ user }) => `The scripts are to run as ${user}, and there is no such user on this instance.`,
  RunAsNeedsSetpriv: ({ user }) =>
    `The scripts are to run as ${user}, but the program setpriv (package util-linux) is missing, which is needed to run a script as another user.`,
  RunAsBlocked: ({ user, path, entry }) =>
    `The scripts are to run as ${user} in ${path}, but the user ${user} may not enter ${entry}.`,
  WorkDirMissing: ({ path }) => `The scripts are to run in ${path}, and there is no such directory on this instance.`,

  InterpreterMissing: ({ script, version, interpreter }) =>
    `${nameScript(script, version)} needs ${interpreter}; it is not on this instance. Nothing of the script was run.`,
  ScriptRefused: ({ script, version, line, error }) =>
    `${nameScript(script, version)} cannot be run; line ${line}: ${error}.`,
  ParameterNameUnusable: ({ parameter }) =>
    `The parameter ${JSON.stringify(parameter)} cannot become an environment variable: only letters, digits, _ and - are possible.`,
  ParametersCollide: ({ parameter, other, variable }) =>
    `The parameters ${other} and ${parameter} would both become ${variable}.`,
  ParameterHasNul: ({ parameter }) =>
    `The parameter ${parameter} holds a NUL byte, which no environment variable can carry.`,

  CheckFailed: ({ check, seconds, seen, detail }) =>
    `The check ${check} did not hold within ${seconds} s: ${seenTexts[seen]?.(detail) ?? seen}.`,

  RebootImpossible: ({ error }) => `The instance could not be rebooted: ${error}.`,
  RebootTried: ({ count }) =>
    `A script requested a reboot, and the instance did not reboot: the reboot command was run ${count} times.`,
  RebootWithoutEffect: ({ seconds }) =>
    `A script requested a reboot, and the instance did not reboot: the reboot command succeeded, and ${seconds} s later the instance is still running.`,

  JournalUnreadable: () => 'The journal of this task on the instance cannot be read; how far it came is not known.',
  Simulated: ({ end }) => simulatedTexts[end],

  PreviousNotKept: ({ version }) =>
    `${showVersion(version)} was not touched, because it could not be put back should the update fail. To do without, uninstall ${showVersion(version)} first.`,
  DownloadStopped: () => 'The download was stopped.',
  DownloadRefused: ({ file, error }) => `${file} could not be downloaded: ${error}`,
  DownloadTimeOver: ({ file, error, receivedBytes, sizeBytes }) =>
    `${file} could not be downloaded: ${error}. ${receivedBytes} of ${sizeBytes} bytes are here; the next attempt resumes there.`,
  DownloadedOtherContent: ({ file, sha256, expected }) =>
    `What was downloaded, twice, is not ${file}: its sha256 is ${sha256}, not ${expected}. Nothing of it was used.`,
  DownloadedOtherSize: ({ file, sizeBytes, expected, isMore }) =>
    `What was downloaded, twice, is not ${file}: it has ${isMore ? 'more than ' : ''}${sizeBytes} bytes, not ${expected}. Nothing of it was used.`,
  DiskSpaceMissing: ({ use, file, path, neededBytes, freeBytes }) =>
    `${use === 'download' ? 'Downloading' : 'The workspace with'} ${file} needs ${neededBytes} bytes on the disk of ${path}, and ${freeBytes} are free. Make room and try again.`,
  ArchiveHoldsItself: ({ file }) => `${file} contains an entry with the name of the archive.`,
  ArchiveNotUnpacked: ({ kind, error }) => `The ${kind} artifact cannot be unpacked: ${error}.`,
}

const systemTexts: Readonly<Record<NativePackages, string>> = {
  deb: 'A deb package can be installed on Debian and its relatives only.',
  rpm: 'An rpm package can be installed on Linux distributions that use rpm only.',
  msi: 'An msi package can be installed on Windows only.',
  any: 'Packages of the operating system can be managed on Linux only.',
}

const simulatedTexts: Readonly<Record<SimulatedEnd, string>> = {
  succeeded: 'The simulated script succeeded',
  failed: 'The simulated script failed, as the failure rate asks for',
  timedOut: 'The simulated script took longer than its time',
  cancelled: 'The simulated script was ended because the execution was cancelled',
}

const scriptTexts: Readonly<Record<NamedScript, (version: string) => string>> = {
  install: (version) => `The install script of ${version}`,
  uninstall: (version) => `The uninstall script of ${version}`,
  update: (version) => `The update script of ${version}`,
  output: (version) => `The output script of ${version}`,
  command: () => 'The command',
  packages: () => 'The package manager',
  check: () => 'The check',
  agentUpgrade: () => 'The upgrade of the agent',
}

const nameScript = (script: NamedScript, version: number) => scriptTexts[script]?.(showVersion(version)) ?? script

const seenTexts: Readonly<Record<CheckSeenKind, (detail: string) => string>> = {
  nothingNamed: () => 'neither a name nor a PID file was given',
  noProcess: () => 'no process of this name runs',
  noFile: (path) => (path === '' ? 'there is no such file' : `there is no file ${path}`),
  notAFile: () => 'it is not a file',
  noProcessId: (path) => `${path} holds no process id`,
  processEnded: (pid) => `process ${pid} does not run`,
  otherProcess: (pid) => `process ${pid} runs but is another program`,
  noAnswer: (host) => `no answer from ${host}`,
  refused: (host) => `nothing listens there${host === '' ? '' : ` on ${host}`}`,
  otherDigest: (sha256) => (sha256 === '' ? 'its sha256 is another' : `its sha256 is ${sha256}`),
  status: (status) => `it answers with status ${status}`,
  notInstalled: () => 'it is not installed',
  otherVersion: (version) => `version ${version} is installed`,
  didNotEnd: () => 'it did not end',
  exitCode: (code) => `exit code ${code}`,
  signal: (signal) => `it was ended by signal ${signal}`,
  interrupted: (quoted) => `it was interrupted${quoted === '' ? '' : `, ${quoted}`}`,
  error: (message) => message,
}
