import type { OutcomeItem, ReasonArguments, ReasonMessageCode } from '../src/core/reason/reason.ts'

const part = { number: 2, count: 3, extension: 'demo' }
const items: readonly OutcomeItem[] = [
  { kind: 'succeeded', count: 97 },
  { kind: 'failed', count: 2, reasons: [{ reasonCode: 'Lost', count: 2 }] },
]

const allowed = { allowed: ['1', '2'], more: 12 }
const compared = { platform: 'debian', version: '10', range: '>=11' }
const refused = { parameter: 'demo', value: '7' }
const changes = [
  { name: 'demo', from: '1', to: '2' },
  { name: 'demo', from: '1' },
  { name: 'demo', secret: true },
] as const

/** Arguments of every message, for the tests of the catalogues. */
export const reasonExamples: { readonly [Code in ReasonMessageCode]: ReasonArguments[Code] } = {
  InstallsNew: { version: 2 },
  InstallsOverBroken: { from: 1, version: 2 },
  InstallsAgain: {},
  InstanceConfirms: {},
  Uninstalls: { version: 2 },
  UninstallsBroken: { version: 2 },
  RunsScript: {},
  RunsPackageManager: { installer: 'auto', action: 'update', names: ['demo'], more: 3 },
  AgentChanges: { from: '1', to: '2' },
  AgentIsCurrent: { program: '2' },
  NoAgentForOs: { os: 'windows' },
  NoAgentForArch: { os: 'linux', arch: '' },
  AgentNotUpgradable: {},
  AgentIsNewer: { installed: '2', version: '1' },
  VersionChanges: { from: 1, to: 2 },
  ConfigurationChanges: { version: 2, from: '1', to: '3' },
  ContentDiffers: { version: 2 },
  ParametersChange: { changes, more: 2 },
  ParametersDiffer: {},
  AlreadyInstalled: { version: 2 },
  SecretsNotCompared: {},
  NotInstalled: {},
  NothingToUpdate: {},
  OfflineWhenPlanned: {},
  InstanceQuarantined: { instanceId: 'i-1' },
  UninstallScriptRefused: { version: 2, line: 3, column: 9 },
  CommandNeedsOs: { type: 'RunBatScript', os: 'windows', instanceOs: 'linux' },
  PackagesNeedOs: { installer: 'auto', os: 'linux', instanceOs: 'windows' },
  FamilyUnknown: allowed,
  FamilyNotInScope: { family: '7', ...allowed },
  ImageTypeUnknown: allowed,
  ImageTypeNotInScope: { imageType: '7', ...allowed },
  PlatformNotInScope: { platform: '', version: '10', ...allowed },
  VersionBelow: compared,
  VersionAbove: compared,
  VersionDiffers: compared,
  VersionNotComparable: { platform: 'debian', version: '?' },
  VersionUnknown: { platform: 'debian', range: '>=11' },
  VersionRangeInvalid: { platform: 'debian', range: '>=' },
  NoConfigurations: {},
  NoInstallableVersion: {},
  ConfigurationNeedsOs: { configuration: 'demo', os: 'windows', instanceOs: 'linux' },
  ConfigurationNeedsArch: { configuration: 'demo', os: 'linux', arch: '1', instanceArch: '' },
  ConfigurationNeedsPlatform: { configuration: 'demo', platform: 'debian', instancePlatform: '' },
  ConfigurationNeedsVersion: { configuration: 'demo', platform: 'debian', range: '>=11' },
  MoreMisfits: { count: 4 },
  InstalledValuesRefused: {},
  ResetRefusedValues: {},
  ParameterMissing: { parameter: 'demo' },
  ValueNotBoolean: refused,
  ValueNotNumber: refused,
  ValueNotString: refused,
  ValueBelowMinimum: { ...refused, min: 80 },
  ValueAboveMaximum: { ...refused, max: 1 },
  ValueTooLarge: { ...refused, maxBytes: 8_192 },
  ValueHasNul: refused,
  ValueHasHalfCharacter: refused,
  ValueHasStoreReference: refused,
  ValueTooShort: { ...refused, minLength: 4 },
  ValueTooLong: { ...refused, maxLength: 4 },
  ValueNotMatched: { ...refused, pattern: '^[0-9]$' },
  ValueNotAllowed: { ...refused, allowed: '1, 2' },
  InExtension: { extension: 'demo' },
  MoreExtensions: { count: 4 },

  JoinedWithToken: { token: '7', address: '192.0.2.1' },
  KeyReplaced: { address: '192.0.2.1' },
  FingerprintMissing: { address: '' },
  FingerprintChanged: { address: '' },
  ConnectedTwice: { address: '' },

  Text: { text: '7' },
  Part: part,
  PartDone: part,
  WaitsForExecution: { executionId: 'exec-7' },
  RetriedBy: { user: 'admin' },
  FailedAndSkippedBy: { user: 'admin' },
  Rebooting: {},
  CancelledBeforeStart: {},
  CancelledBeforeStartBy: { user: 'admin' },
  CancelledBeforeDelivery: {},
  CancelledBeforeDeliveryBy: { user: 'admin' },
  NotStartedBudgetSpent: { failed: 2, maxErrors: 1 },
  StopUnconfirmed: { seconds: 30 },
  HandOutFailed: { error: '42' },
  HandOutRefused: { error: '42' },
  RepeatedHandOutRefused: { error: '42' },
  DeliveryTimedOut: {},
  ReceiptUnconfirmed: {},
  LostBeforeStart: {},
  LostAfterStart: {},
  RebootTimedOut: { minutes: 10 },
  UnknownUntilBack: {},
  RemovedBeforeStart: {},
  RemovedWhileRunning: {},
  LateAnswer: { state: 'succeeded' },
  BackWithoutRecord: {},
  BackAndNeverReceived: {},
  Accepted: {},
  Resumed: {},
  TaskNamed: {},
  Paused: {},
  FailuresToDecide: { failed: 2 },
  NextTaskToName: {},
  FailedTasksToDecide: {},
  BatchDone: { batch: 1, batchCount: 3, next: 2 },
  BatchOpen: { batch: 1, batchCount: 3 },
  TasksWaitForOthers: { count: 4 },
  Cancelling: { running: 5 },
  BudgetSpent: { failed: 2, maxErrors: 1, running: 5 },
  CompletedAsFailed: {},
  Outcome: { items },
  OutcomeSoFar: { items },
}

export const reasonCodes = Object.keys(reasonExamples) as ReasonMessageCode[]

/** The arguments of a message, and which of them were read. */
export function watchArguments(values: object): { readonly values: object; readonly read: ReadonlySet<string> } {
  const read = new Set<string>()
  const watched = new Proxy(values, {
    get(target, name, receiver) {
      read.add(String(name))
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  return { values: watched, read }
}
