/**
 * Messages between agent and server: JSON text frames on one WebSocket, opened by the agent.
 *
 *   agent                                     server
 *     │ ──── upgrade /agent/v1/connect ──────► │
 *     │ ◄──── challenge {nonce, version} ───── │
 *     │ ── hello {signature, open, installed} ► │  `open`: invocations without acknowledged end
 *     │ ◄─ welcome {cancelled, over, wanted} ─ │  differences between the open invocations
 *     │ ───── inventory {open, installed} ───► │  further pages of a hello with `more`
 *     │ ◄─── reconciled {cancelled, …} ─────── │  answer to the last page
 *     │ ───── fetch ─────────────────────────► │  after hello, periodically, and when nudged
 *     │ ◄──── invocations [...] ────────────── │  also unsolicited; journalled before any effect
 *     │ ◄──── nudge ────────────────────────── │  "fetch"; may be lost without harm
 *     │ ───── report {id, entries} ──────────► │  resent until acknowledged
 *     │ ◄──── ack {upTo} ───────────────────── │  after the server made it durable
 *     │ ◄──── cancel {invocationIds} ───────── │
 *     │ ◄──── trustFile {content, …} ───────── │  before work, if it is newer than the agent's
 *     │ ───── waiting {invocationIds} ───────► │  with every heartbeat: journalled, not started
 *     │ ── artifactUrl {invocationId, sha256} ► │  the invocation has no URL, or an expired one
 *     │ ◄─── artifactUrl {url or refused} ──── │
 *     │ ───── drift {entries} ───────────────► │  on change, if welcome has an interval
 *     │ ───── renewKey {publicKey, …} ───────► │  when due; signed with the old and the new key
 *     │ ◄──── keyRenewed ───────────────────── │  from now on the new key is the identity
 *
 * The identity of an agent is its key. Report ids count up from 1 on each connection; an ack covers
 * every report up to its number.
 */

import { z } from 'zod'
import { agentReasonCodes } from '../core/execution/execution.ts'
import { osPackageActions, osPackageInstallers } from '../core/execution/operation.ts'
import { actions, parameterTypes } from '../core/extension/extension.ts'
import { osFamilies } from '../core/instance/facts.ts'
import {
  maxAgentConnectTimeoutMs,
  maxExtensionNameLength,
  maxInstalledPerMessage,
  maxInstanceNameLength,
  maxOpenPerMessage,
  maxOsPackages,
  maxOutputChunkBytes,
  maxPlatformRelatives,
  maxReasonLength,
  maxRebootsPerInvocation,
  maxRebootTimeoutMs,
  maxSignaturesPerSubject,
  minAgentConnectTimeoutMs,
} from '../core/limits.ts'
import { streams } from './agent-protocol.ts'
import { agentReasonSchema } from './agent-reasons.ts'
import { configurationSchema, parameterValuesSchema } from './configuration.ts'
import { driftMessageSchema } from './drift-message.ts'
import { signedPlanSchema, signedSchema } from './signed-bytes.ts'
import { wireChecks } from './wire-checks.ts'
import {
  digestSchema,
  instanceIdSchema,
  invocationIdSchema,
  publicKeySchema,
  wireInstant,
  wireText,
} from './wire-fields.ts'

export const factsSchema = z.object({
  os: z.object({
    family: z.enum(osFamilies),
    id: wireText(64),
    version: wireText(64),
    idLike: z.array(wireText(64)).max(maxPlatformRelatives).exactOptional(),
    name: wireText(256),
    kernel: wireText(256),
    arch: wireText(32),
  }),
  hostName: wireText(256),
  addresses: z.array(wireText(64)).max(64),
  cpus: z.int().min(0),
  memoryBytes: z.number().min(0),
  diskFreeBytes: z.number().min(0),
  virtualization: wireText(64),
  agentVersion: wireText(64),
  agentProgram: wireText(128).optional(),
  /** Present: the instance has a trust file, which decides what it runs. */
  trust: z
    .object({
      /** 0: it cannot be read, and the instance runs nothing. */
      version: z.int().min(0),
      expires: wireText(64),
    })
    .exactOptional(),
  cloud: z
    .object({
      provider: z.enum(['alibaba', 'aws', 'azure', 'gcp']),
      region: wireText(64),
      zone: wireText(64),
      instanceId: wireText(128),
      instanceType: wireText(64),
      instanceFamily: wireText(64),
      imageId: wireText(256),
      imageType: wireText(32),
      networkType: wireText(32),
    })
    .exactOptional(),
})

/**
 * SHA-256 of each machine identifier; the set of identifiers depends on the machine. Since version
 * 3.
 */
const fingerprintSchema = z.object({
  machineId: digestSchema.optional(),
  productUuid: digestSchema.optional(),
})

export const tagsSchema = z
  .record(wireText(128).min(1), wireText(128))
  .refine(wireChecks.hasFewKeys, 'has more than 32 tags')

// ── enrolment: POST /agent/v1/enrol ──

export const enrolRequestSchema = z.strictObject({
  token: wireText(128),
  /** Raw ed25519 public key, 32 bytes, base64. */
  publicKey: publicKeySchema,
  /** Signature with that key over `enrolProof(token)`, base64: proves possession of the key. */
  proof: z.base64().length(88),
  name: wireText(maxInstanceNameLength).min(1),
  tags: tagsSchema,
  facts: factsSchema,
  fingerprint: fingerprintSchema.optional(),
})
export type EnrolRequest = z.infer<typeof enrolRequestSchema>

export const enrolResponseSchema = z.object({
  instanceId: instanceIdSchema,
  /** An operator has to approve the instance before it receives work. */
  isPending: z.boolean().optional(),
})
export type EnrolResponse = z.infer<typeof enrolResponseSchema>

// ── agent to server ──

/** State of an open invocation at the agent; `ended`: the agent is reporting its end. */
const openStates = ['accepted', 'waiting', 'downloading', 'running', 'verifying', 'ended'] as const

/** With its state since version 3. */
const openInvocationSchema = z.object({ id: invocationIdSchema, state: z.enum(openStates) })
export type OpenInvocation = z.infer<typeof openInvocationSchema>

/**
 * The agent's record of an extension. `contentDigest` is that of the installed configuration, if it
 * had one.
 */
const installedRecordSchema = z.object({
  extensionId: wireText(64).min(1),
  extensionName: wireText(maxExtensionNameLength),
  status: z.enum(['installed', 'broken']),
  version: z.int32().min(1),
  configurationId: wireText(8),
  parametersDigest: digestSchema,
  contentDigest: digestSchema.optional(),
})
export type InstalledRecordEntry = z.infer<typeof installedRecordSchema>

const inventoryFields = {
  /** Invocations in the agent's journal whose end the server has not acknowledged. */
  open: z.array(z.union([invocationIdSchema, openInvocationSchema])).max(maxOpenPerMessage),
  /** Since version 3; absent means not reported, which differs from nothing installed. */
  installed: z.array(installedRecordSchema).max(maxInstalledPerMessage).exactOptional(),
  /** Another page follows, which may contain what this one does not. */
  more: z.boolean().exactOptional(),
}

const helloSchema = z.object({
  type: z.literal('hello'),
  protocolVersion: z.int().min(1),
  instanceId: instanceIdSchema,
  signature: z.base64().length(88),
  facts: factsSchema,
  ...inventoryFields,
  /** Since version 3. */
  fingerprint: fingerprintSchema.optional(),
  /**
   * A random value of this agent process: two values that alternate reveal two processes with one
   * identity. Since version 3.
   */
  run: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
})

/** The next page of a hello. All pages describe the moment of the hello. */
const inventorySchema = z.object({ type: z.literal('inventory'), ...inventoryFields })

const waitingSchema = z.object({
  type: z.literal('waiting'),
  invocationIds: z.array(invocationIdSchema).min(1).max(maxOpenPerMessage),
})

/** Requests a new URL of an artifact for an open invocation. */
const artifactUrlRequestSchema = z.object({
  type: z.literal('artifactUrl'),
  invocationId: invocationIdSchema,
  sha256: digestSchema,
})

const fetchSchema = z.object({ type: z.literal('fetch') })

const installedOutcomeSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('absent') }),
  z.object({
    status: z.enum(['installed', 'broken']),
    version: z.int32().min(1),
    configurationId: wireText(8),
    parametersDigest: digestSchema,
    /** Since version 3. */
    contentDigest: digestSchema.optional(),
  }),
])

const outcomeSchema = z.object({
  state: z.enum(['succeeded', 'failed', 'timedOut', 'cancelled']),
  reasonCode: z.enum(agentReasonCodes),
  /** In English. */
  reason: wireText(maxReasonLength),
  /** The same as messages. */
  reasonMessages: agentReasonSchema,
  exitCode: z.int32().optional(),
  output: wireText(8_192).optional(),
  installed: installedOutcomeSchema.optional(),
})

/** Offsets in a stream: start (inclusive) and end (exclusive). */
const rangeSchema = z.tuple([z.int().min(0), z.int().min(0)]).refine(wireChecks.isRange, 'ends before it begins')

export const reportEntrySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('state'),
    invocationId: invocationIdSchema,
    at: wireInstant,
    /** `waiting` since version 3, `rebooting` since version 4. */
    state: z.enum(['accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting']),
    /** The current activity, such as `uninstalling v1`. */
    step: wireText(128).optional(),
    /**
     * How often the machine was rebooted for this invocation before this state, `rebooting`
     * included: states repeat after a reboot. Absent: 0. Since version 4.
     */
    reboots: z.int().min(0).max(maxRebootsPerInvocation).exactOptional(),
  }),
  z.object({
    kind: z.literal('output'),
    invocationId: invocationIdSchema,
    at: wireInstant,
    stream: z.enum(streams),
    /**
     * Offset of the first byte in the original stream. A gap means that the bytes between were cut
     * (see the end entry).
     */
    offset: z.int().min(0),
    /** Bytes in base64. */
    data: z.base64().max(Math.ceil(maxOutputChunkBytes / 3) * 4),
  }),
  z.object({
    kind: z.literal('end'),
    invocationId: invocationIdSchema,
    at: wireInstant,
    outcome: outcomeSchema,
    /** Total bytes that the scripts printed, and how many of them the report lacks. */
    stdoutBytes: z.int().min(0),
    stderrBytes: z.int().min(0),
    cutBytes: z.int().min(0),
    /**
     * Range of the output of the task's own script, beside others (an update removes first). Since
     * version 3.
     */
    scriptRange: z.object({ stdout: rangeSchema, stderr: rangeSchema }).exactOptional(),
    /**
     * The extension of `outcome.installed`: the server may have deleted the execution. Since
     * version 3.
     */
    extension: z.object({ id: wireText(64).min(1), name: wireText(maxExtensionNameLength) }).exactOptional(),
  }),
  /**
   * Answer to a server that expects an end: the agent has no record of this invocation. Since
   * version 3.
   */
  z.object({ kind: z.literal('unknown'), invocationId: invocationIdSchema, at: wireInstant }),
])
export type ReportEntry = z.infer<typeof reportEntrySchema>

export const reportSchema = z.object({
  type: z.literal('report'),
  id: z.int().min(1),
  entries: z.array(reportEntrySchema).min(1).max(256),
})

/** Facts that changed since hello. */
const factsMessageSchema = z.object({ type: z.literal('facts'), facts: factsSchema })

/** Since version 3. */
const renewKeySchema = z.object({
  type: z.literal('renewKey'),
  publicKey: publicKeySchema,
  /**
   * Signatures over `renewKeyProof`, base64: with the current key of the instance, and with the new
   * one.
   */
  signature: z.base64().length(88),
  newSignature: z.base64().length(88),
})

export const agentMessageSchema = z.discriminatedUnion('type', [
  helloSchema,
  inventorySchema,
  waitingSchema,
  artifactUrlRequestSchema,
  fetchSchema,
  reportSchema,
  factsMessageSchema,
  driftMessageSchema,
  renewKeySchema,
])
export type AgentMessage = z.infer<typeof agentMessageSchema>

// ── server to agent ──

/** One configuration with its parameter values. */
const installationSchema = z.object({
  version: z.int().min(1),
  configuration: configurationSchema.extend({
    /** Declared parameters: the names that scripts may use as `{{ name }}`. Since version 2. */
    parameterTypes: z.record(wireText(128), z.enum(parameterTypes)).optional(),
  }),
  parameters: parameterValuesSchema,
  parametersDigest: digestSchema,
  /**
   * Digest of the server's configuration: two versions with one number may differ. Since version 3.
   */
  contentDigest: digestSchema.optional(),
  /**
   * What a publisher signed. An instance with a trust file takes the configuration from it, and from
   * this object only the texts of scripts.
   */
  signed: signedSchema.optional(),
})
export type InstallationMessage = z.infer<typeof installationSchema>

/**
 * A request to the OS package manager; the agent validates the names again and does not trust the
 * server.
 */
const osPackagesSchema = z.object({
  action: z.enum(osPackageActions),
  installer: z.enum(osPackageInstallers),
  names: z
    .array(z.string().refine(wireChecks.isOsPackageName, 'is not a valid package name'))
    .min(1)
    .max(maxOsPackages),
  allowRemovals: z.boolean().optional(),
  autoremove: z.boolean().optional(),
})

/** The name becomes a folder and an argument of a program that runs as root. */
const agentUpgradeSchema = z.object({
  program: wireText(128).refine(wireChecks.isAgentProgram, 'is not the name of an agent'),
  connectTimeoutMs: z.int().min(minAgentConnectTimeoutMs).max(maxAgentConnectTimeoutMs),
})

export const invocationSchema = z.object({
  id: invocationIdSchema,
  executionId: wireText(64),
  extensionId: wireText(64),
  extensionName: wireText(maxExtensionNameLength),
  /**
   * `run`: the install script of `wanted` is a command; or, with `osPackages` or `agentUpgrade`, the
   * agent runs its own script.
   */
  action: z.enum([...actions, 'run']),
  osPackages: osPackagesSchema.optional(),
  agentUpgrade: agentUpgradeSchema.optional(),
  /** Install and update: the wanted version. Uninstall: absent. */
  wanted: installationSchema.optional(),
  /** The version that the server considers installed; the agent's own record overrides it. */
  installed: installationSchema.optional(),
  /** Reinstall even if the instance confirms that the version is installed. */
  reinstall: z.boolean().optional(),
  /** OS packages may remove other packages, whatever the version says. */
  allowRemovals: z.boolean().optional(),
  /** Uninstall: OS packages that become unneeded are removed too; older agents keep them. */
  autoremove: z.boolean().optional(),
  /** URL of the wanted artifact: signed, absolute or relative to the server; it expires. */
  artifactUrl: wireText(2_048).optional(),
  /**
   * Values for `{{ ACS::<name> }}` in scripts; absent: scripts have no placeholders. Since version
   * 2.
   */
  builtins: z.record(wireText(64), wireText(1_024)).optional(),
  /**
   * The agent reboots the machine when a script requests it; `timeoutMs` is the time until its
   * return. Absent: it does not. Since version 4.
   */
  reboot: z.object({ timeoutMs: z.int().min(1).max(maxRebootTimeoutMs) }).optional(),
  /** An agent of an earlier release ignores it, and refuses commands if it has a trust file. */
  signedPlan: signedPlanSchema.optional(),
})
export type InvocationMessage = z.infer<typeof invocationSchema>

/** Differences between the agent's open invocations and the server's. */
const reconciliationSchema = z.object({
  /** The agent has to stop these. */
  cancelled: z.array(invocationIdSchema),
  /**
   * The server no longer waits for these: the agent drops those that have not started; the others
   * finish and report.
   */
  over: z.array(invocationIdSchema),
  /** The server lacks the ends of these: the agent reports them again, or `unknown`. */
  wanted: z.array(invocationIdSchema),
})
export type Reconciliation = z.infer<typeof reconciliationSchema>

export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('challenge'),
    nonce: wireText(128),
    /** The newest version that the server speaks; absent before version 3. */
    version: z.int().min(1).exactOptional(),
  }),
  z.object({
    type: z.literal('welcome'),
    serverTime: wireInstant,
    heartbeatMs: z.int().min(1),
    /** Absent before version 3, and if the hello had `more`. */
    reconciliation: reconciliationSchema.exactOptional(),
    /** The maximum age of the agent's key. Since version 3. */
    renewKeyInMs: z.int().min(0).exactOptional(),
    /** Interval of the checks of installed extensions. Absent: the agent does not check them. */
    driftCheckMs: z.int().min(1).exactOptional(),
  }),
  z.object({ type: z.literal('reconciled'), reconciliation: reconciliationSchema }),
  /** Exactly one of `url` and `refused`, a sentence. */
  z.object({
    type: z.literal('artifactUrl'),
    invocationId: invocationIdSchema,
    sha256: digestSchema,
    url: wireText(2_048).exactOptional(),
    refused: wireText(maxReasonLength).exactOptional(),
  }),
  /**
   * A successor of the trust file, only for agents whose facts have one: root keys of both signed
   * the text.
   */
  z.object({
    type: z.literal('trustFile'),
    content: z.string().max(262_144),
    signatures: z.array(z.string().max(8_192)).max(maxSignaturesPerSubject),
  }),
  z.object({ type: z.literal('keyRenewed'), renewKeyInMs: z.int().min(0) }),
  z.object({ type: z.literal('nudge') }),
  z.object({ type: z.literal('invocations'), invocations: z.array(invocationSchema) }),
  z.object({ type: z.literal('cancel'), invocationIds: z.array(invocationIdSchema) }),
  z.object({ type: z.literal('ack'), upTo: z.int().min(1) }),
  /**
   * The server closes after this; `retry: false` means that a retry cannot succeed (removed, wrong
   * key).
   */
  z.object({
    type: z.literal('refused'),
    code: wireText(64),
    message: wireText(1_024),
    retry: z.boolean(),
    /**
     * Delay before the first retry, if the server has no capacity for this agent now. Since version
     * 3.
     */
    retryInMs: z.int().min(0).exactOptional(),
  }),
])
export type ServerMessage = z.infer<typeof serverMessageSchema>
