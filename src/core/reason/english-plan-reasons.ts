import type { CommandType, OsPackageAction } from '../execution/operation.ts'
import { showSource } from '../extension/declared-values.ts'
import type { ShownChange } from '../extension/effective-parameters.ts'
import { showVersion } from '../extension/extension.ts'
import { englishValueFaults } from '../extension/value-fault.ts'
import type { PlanReasonArguments } from '../plan/plan-reason.ts'
import { createFaultTexts, type ReasonCatalogue } from './render-reason.ts'

/** The reasons of plans in English. */
export const englishPlanReasons: Pick<ReasonCatalogue, keyof PlanReasonArguments> = {
  InstallsNew: ({ version }) => `not installed: installs ${showVersion(version)}`,
  InstallsOverBroken: ({ from, version }) =>
    `the last change (${showVersion(from)}) did not complete: installs ${showVersion(version)}`,
  InstallsAgain: () => 'installs it again',
  InstanceConfirms: () => 'the instance confirms it',
  Uninstalls: ({ version }) => `uninstalls ${showVersion(version)}`,
  UninstallsBroken: ({ version }) => `the last change did not complete: uninstalls ${showVersion(version)}`,
  RunsScript: () => 'runs the script',
  RunsPackageManager: ({ installer, action, names, more }) =>
    `${nameInstaller(installer)} ${packageVerbs[action]} ${listNames(names, more, 'and')}`,
  AgentChanges: ({ from, to }) => `agent ${from} -> ${to}`,

  VersionChanges: ({ from, to }) => `${showVersion(from)} -> ${showVersion(to)}`,
  ConfigurationChanges: ({ version, from, to }) => `${showVersion(version)}: configuration ${from} -> ${to}`,
  ContentDiffers: ({ version }) => `${showVersion(version)}: content differs from what is installed under this number`,
  ParametersChange: ({ changes, more }) => listNames(changes.map(showChange), more, ','),
  ParametersDiffer: () => 'parameters differ',

  AlreadyInstalled: ({ version }) => `already installed: ${showVersion(version)}, same configuration, same parameters`,
  SecretsNotCompared: () => 'secret parameters are compared only for users who may start it',
  NotInstalled: () => 'not installed',
  NothingToUpdate: () => 'not installed; an update changes only instances that have it',
  AgentIsCurrent: ({ program }) => `has ${program}`,

  OfflineWhenPlanned: () => 'offline when it was planned; otherwise:',
  InstanceNotPermitted: ({ action, instanceId }) =>
    `not permitted: you are not allowed to perform ${action} on instance/${instanceId}`,
  InstanceQuarantined: ({ instanceId }) => `quarantined: see chandler instance show ${instanceId}`,
  UninstallScriptRefused: ({ version, line, column }) =>
    `${showVersion(version)} cannot be removed: a placeholder in its uninstall script (line ${line}, column ${column}) is refused; update to a version with an update script`,
  CommandNeedsOs: ({ type, os, instanceOs }) => `${commandNames[type] ?? type} runs on ${os}; this is ${instanceOs}`,
  PackagesNeedOs: ({ installer, os, instanceOs }) => `${nameInstaller(installer)} runs on ${os}; this is ${instanceOs}`,
  NoAgentForOs: ({ os }) => `there is no agent for ${os}`,
  NoAgentForArch: ({ os, arch }) => `this server provides no agent for ${os} ${arch || 'of an unknown architecture'}`,
  AgentNotUpgradable: () => 'its agent cannot upgrade itself: run the install command on the machine again',
  AgentIsNewer: ({ installed, version }) => `its agent ${installed} is newer than that of this server, ${version}`,

  FamilyUnknown: ({ allowed, more }) =>
    `the instance family is unknown (no cloud metadata), and the scope requires ${listNames(allowed, more, 'or')}`,
  FamilyNotInScope: ({ family, allowed, more }) => `instance family ${family} is not ${listNames(allowed, more, 'or')}`,
  ImageTypeUnknown: ({ allowed, more }) =>
    `the image type is unknown (no cloud metadata), and the scope requires ${listNames(allowed, more, 'or')}`,
  ImageTypeNotInScope: ({ imageType, allowed, more }) =>
    `image type ${imageType} is not ${listNames(allowed, more, 'or')}`,
  PlatformNotInScope: ({ platform, version, allowed, more }) =>
    `${[namePlatform(platform), version].filter(Boolean).join(' ')} is not ${listNames(allowed, more, 'or')}`,
  VersionBelow: ({ platform, version, range }) => `${platform} ${version} is below ${range}`,
  VersionAbove: ({ platform, version, range }) => `${platform} ${version} is above ${range}`,
  VersionDiffers: ({ platform, version, range }) => `${platform} ${version} is not ${range}`,
  VersionNotComparable: ({ platform, version }) => `${platform} has a version that cannot be compared: ${version}`,
  VersionUnknown: ({ platform, range }) => `${platform} has no version (a rolling release?) to compare with ${range}`,
  VersionRangeInvalid: ({ platform, range }) => `the version range ${range} of ${platform} is invalid`,

  NoConfigurations: () => 'the version has no configuration',
  NoInstallableVersion: () => 'every version of it is deprecated',
  ConfigurationNeedsOs: ({ configuration, os, instanceOs }) => `${configuration} is for ${os}, not ${instanceOs}`,
  ConfigurationNeedsArch: ({ configuration, os, arch, instanceArch }) =>
    `${configuration} is for ${os} ${arch}, not ${instanceArch || 'an unknown architecture'}`,
  ConfigurationNeedsPlatform: ({ configuration, platform, instancePlatform }) =>
    `${configuration} is for ${platform}, not ${namePlatform(instancePlatform)}`,
  ConfigurationNeedsVersion: ({ configuration, platform, range }) => `${configuration} is for ${platform} ${range}:`,
  MoreMisfits: ({ count }) => `and ${count} more`,

  InstalledValuesRefused: () => 'the version refuses installed values:',
  ResetRefusedValues: () => 'set new values or reset the parameters',
  DeclaredValuesContradict: ({ parameter, sources, more }) =>
    `parameter ${parameter} has different values from ${sources.map(showSource).join(' and ')}${more > 0 ? ` and ${more} more` : ''}: give one, or declare one for the instance`,
  DeclaredValueRefused: ({ source }) => `the version refuses a value of ${showSource(source)}:`,
  DeclaredValueSecret: ({ parameter, source }) =>
    `parameter ${parameter} is secret: the visible value of ${showSource(source)} is not used`,
  ValuesDeclared: ({ values, more }) =>
    `${values.map(({ parameter, source }) => `${parameter} from ${showSource(source)}`).join(', ')}${more > 0 ? `, and ${more} more` : ''}`,
  ParameterMissing: ({ parameter }) => `parameter ${parameter} is missing and has no default`,
  ...createFaultTexts(englishValueFaults, (parameter, clause) => `parameter ${parameter} ${clause}`),

  InExtension: ({ extension }) => `${extension}:`,
  RestoresVersion: ({ version }) => `restores ${showVersion(version)}`,
  RestoresAbsence: ({ version }) => `not installed before the execution: uninstalls ${showVersion(version)}`,
  NothingToRestore: () => 'already in the state before the execution',
  VersionDeleted: ({ version }) => `cannot be restored: ${showVersion(version)} was deleted`,
  ChangedByExecution: ({ executionId }) => `changed by ${executionId} since`,
  StateDiffers: ({ expected, found }) =>
    found === 0
      ? 'changed since: it is no longer installed'
      : expected === 0
        ? `changed since: ${showVersion(found)} is installed`
        : expected === found
          ? `changed since: ${showVersion(found)} has another configuration, other parameters or another state`
          : `changed since: it has ${showVersion(found)} instead of ${showVersion(expected)}`,
  MoreExtensions: ({ count }) => `and ${count} more extensions`,
}

/** Such as `a, b or 12 more`. */
function listNames(names: readonly string[], more: number, conjunction: string): string {
  const last = conjunction === ',' ? ', ' : ` ${conjunction} `
  if (more > 0) return `${names.join(', ')}${last}${more} more`
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(last)
}

const namePlatform = (platform: string) => platform || 'an unknown platform'

const nameInstaller = (installer: string) => (installer === 'auto' ? 'the OS package manager' : installer)

const packageVerbs: Readonly<Record<OsPackageAction, string>> = {
  install: 'installs',
  uninstall: 'removes',
  update: 'updates',
}

const commandNames: Readonly<Record<CommandType, string>> = {
  RunShellScript: 'a shell script',
  RunPowerShellScript: 'a PowerShell script',
  RunBatScript: 'a batch file',
}

const showChange = ({ name, from, to, secret }: ShownChange) =>
  `${name}: ${secret ? 'changed' : `${from ?? 'none'} -> ${to ?? 'none'}`}`
