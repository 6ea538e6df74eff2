import { z } from 'zod'
import { actions, scriptKinds } from '../core/extension/extension.ts'
import {
  type AgentReasonArguments,
  type AgentReasonMessage,
  exitCodeMeanings,
  ranScripts,
} from '../core/install/agent-reason.ts'
import { installStepIds } from '../core/install/install-step-ids.ts'
import { checkSeenKinds, namedScripts, nativePackages, simulatedEnds } from '../core/install/step-reason.ts'
import { signedParts, signedSubjects, trustRoles } from '../core/trust/trust-refusal.ts'

const text = z
  .string()
  .max(1_024)
  .regex(/^[^\0]*$/, 'holds a NUL character')
const version = z.int().min(0)
const exitCode = z.int32()
const none = z.strictObject({})
const ofVersion = z.strictObject({ version })
const ofScript = { script: z.enum([...scriptKinds, ...ranScripts]), version }
const path = text.max(512)
const user = text.max(256)
const bytes = z.int().min(0)
const ofNamedScript = { script: z.enum(namedScripts), version }

/** What each message of an agent may carry: a server believes nothing else. */
const argumentSchemas = {
  Text: z.strictObject({ text }),
  Installed: ofVersion,
  InstalledOverBroken: z.strictObject({ version, broken: version }),
  InstalledOnceMore: ofVersion,
  InstalledChanged: z.strictObject({ version, over: z.boolean() }),
  Updated: z.strictObject({ from: version, to: version, over: z.boolean() }),
  Uninstalled: ofVersion,
  CommandSucceeded: none,
  RecordRemoved: ofVersion,
  WasNotInstalled: none,
  WasInstalled: z.strictObject({ version, confirmed: z.boolean() }),
  RecordedButMissing: none,
  Rebooted: none,
  RebootRefused: none,
  RequestIncomplete: z.strictObject({ action: z.enum([...actions, 'run']) }),
  NoInstallScript: ofVersion,
  TaskNotStarted: none,
  OutputScriptOnly: ofVersion,
  LeftUnknown: ofVersion,
  LeftUnknownNotInstalled: z.strictObject({ version, wanted: version }),
  LeftRemoved: ofVersion,
  LeftNotRemoved: ofVersion,
  PutBack: ofVersion,
  NotPutBack: ofVersion,
  NotPutBackWithoutScript: ofVersion,
  PartsOfBoth: z.strictObject({ from: version, to: version }),
  ScriptExited: z.strictObject({ ...ofScript, exitCode, meaning: z.enum(exitCodeMeanings) }),
  ScriptExitedLikeSignal: z.strictObject({ ...ofScript, exitCode, signal: text.max(32) }),
  ScriptSignalled: z.strictObject({ ...ofScript, signal: text.max(32) }),
  ScriptTimeOver: z.strictObject({ ...ofScript, seconds: z.number().min(0) }),
  ScriptCancelled: z.strictObject(ofScript),
  ScriptInterrupted: z.strictObject(ofScript),
  ScriptEndedByReboot: z.strictObject(ofScript),
  ScriptEndedByShutdown: z.strictObject(ofScript),
  ScriptNotStarted: z.strictObject(ofScript),
  ScriptSaid: z.strictObject({ text }),
  NoPackageChanged: none,
  ChangedBeforeFailure: none,
  InterruptedCompleted: z.strictObject({ names: z.array(text.max(256)).max(64) }),
  CancelledBeforeStep: z.strictObject({ step: z.enum(installStepIds) }),
  TimeOverBeforeStep: z.strictObject({ step: z.enum(installStepIds), seconds: z.number().min(0) }),
  CancelledBeforeAnything: none,
  CancelledBeforeReboot: none,
  InstanceDiskFull: z.strictObject({ path }),
  AgentNotPermitted: z.strictObject({ error: text }),
  AgentCouldNotContinue: z.strictObject({ error: text }),
  PackageKindUnsupported: z.strictObject({ kind: text.max(32) }),
  PackagesNeedSystem: z.strictObject({ kind: z.enum(nativePackages) }),
  PackagesNeedRoot: none,
  PackagesNeedAdministrator: none,
  PackageManagerMissing: z.strictObject({ names: z.array(text.max(32)).max(8) }),
  PackageNotKept: z.strictObject({ file: path }),
  PackageNotFound: z.strictObject({ name: path, version: path, found: path }),
  RunAsOnWindows: z.strictObject({ user, agentUser: user }),
  RunAsNeedsRoot: z.strictObject({ user, agentUser: user }),
  RunAsUnknown: z.strictObject({ user }),
  RunAsNeedsSetpriv: z.strictObject({ user }),
  RunAsBlocked: z.strictObject({ user, path, entry: path }),
  WorkDirMissing: z.strictObject({ path }),
  InterpreterMissing: z.strictObject({ ...ofNamedScript, interpreter: path }),
  ScriptRefused: z.strictObject({ ...ofNamedScript, line: version, error: text }),
  ParameterNameUnusable: z.strictObject({ parameter: path }),
  ParametersCollide: z.strictObject({ parameter: path, other: path, variable: path }),
  ParameterHasNul: z.strictObject({ parameter: path }),
  CheckFailed: z.strictObject({ check: text, seconds: z.number().min(0), seen: z.enum(checkSeenKinds), detail: text }),
  RebootImpossible: z.strictObject({ error: text }),
  RebootTried: z.strictObject({ count: version }),
  RebootWithoutEffect: z.strictObject({ seconds: z.number().min(0) }),
  JournalUnreadable: none,
  Simulated: z.strictObject({ end: z.enum(simulatedEnds) }),
  PreviousNotKept: ofVersion,
  DownloadStopped: none,
  DownloadRefused: z.strictObject({ file: path, error: text }),
  DownloadTimeOver: z.strictObject({ file: path, error: text, receivedBytes: bytes, sizeBytes: bytes }),
  DownloadedOtherContent: z.strictObject({ file: path, sha256: text.max(64), expected: text.max(64) }),
  DownloadedOtherSize: z.strictObject({ file: path, sizeBytes: bytes, expected: bytes, isMore: z.boolean() }),
  DiskSpaceMissing: z.strictObject({
    use: z.enum(['download', 'workspace']),
    file: path,
    path,
    neededBytes: bytes,
    freeBytes: bytes,
  }),
  ArchiveHoldsItself: z.strictObject({ file: path }),
  ArchiveNotUnpacked: z.strictObject({ kind: text.max(32), error: text }),
  TrustFileMissing: z.strictObject({ path }),
  TrustFileUnreadable: z.strictObject({ path, error: text }),
  TrustFileExpired: z.strictObject({ trustVersion: version, expired: text.max(32) }),
  SignaturesMissing: z.strictObject({
    subject: z.enum(signedSubjects),
    name: text.max(128),
    role: z.enum(trustRoles),
    valid: version,
    threshold: version,
    keys: z.array(text.max(64)).max(8),
    others: z.array(text.max(64)).max(8),
  }),
  StatementInvalid: z.strictObject({ name: text.max(128), error: text }),
  SignedPartDiffers: z.strictObject({ name: text.max(128), part: z.enum(signedParts), which: text.max(64) }),
  NotForInstance: z.strictObject({
    name: text.max(128),
    requested: text.max(64),
    own: text.max(64),
    platform: text.max(128),
  }),
  OptionNotSigned: z.strictObject({ name: text.max(128), option: text.max(64) }),
  ParameterNotSigned: z.strictObject({ name: text.max(128), parameter: text.max(128), problem: text }),
  InstalledNotSigned: z.strictObject({ name: text.max(128) }),
  PlanExpired: z.strictObject({ executionId: text.max(64), expired: text.max(64) }),
  PlanDiffers: z.strictObject({ executionId: text.max(64), part: text.max(128) }),
  PlanUsed: z.strictObject({ executionId: text.max(64), invocationId: text.max(64) }),
  JournalledUnchecked: none,
} satisfies {
  readonly [Code in keyof AgentReasonArguments]: z.ZodType<AgentReasonArguments[Code]>
} & { readonly Text: z.ZodType<{ readonly text: string }> }

type Code = keyof typeof argumentSchemas
const messageSchemas = (Object.keys(argumentSchemas) as Code[]).map((code) =>
  z.object({ code: z.literal(code), arguments: argumentSchemas[code] }),
)
const messageSchema = z.discriminatedUnion(
  'code',
  messageSchemas as [(typeof messageSchemas)[number], ...typeof messageSchemas],
) as unknown as z.ZodType<AgentReasonMessage>

/** The reason of an end as messages. Undefined for those of a later agent: its text says the same. */
export const agentReasonSchema = z.array(messageSchema).max(32).optional().catch(undefined)
