/**
 * Schemas of the files in an agent's state directory. They cross versions of the agent: it reads
 * what an earlier or, after a rollback, a later one wrote.
 */
import { z } from 'zod'
import { taskReasonCodes } from '../core/execution/execution.ts'
import { installStepIds } from '../core/install/install-step-ids.ts'
import { invocationSchema, reportEntrySchema } from './agent-messages.ts'
import { agentReasonSchema } from './agent-reasons.ts'
import { instanceIdSchema } from './wire-fields.ts'

const installationSchema = invocationSchema.shape.wanted.unwrap()

export const installedRecordSchema = z.object({
  extensionId: z.string(),
  extensionName: z.string(),
  executionId: z.string(),
  status: z.enum(['installed', 'broken']),
  installation: installationSchema,
  /** It was installed from signed bytes. */
  checked: z.boolean().optional(),
  recordedAt: z.int(),
})
/**
 * The installed version of one extension, with everything needed to uninstall it or to roll back to
 * it (parameters included: mode 0600).
 */
export type InstalledRecord = z.infer<typeof installedRecordSchema>

export const endEntrySchema = reportEntrySchema.options[2]
export type EndEntry = z.infer<typeof endEntrySchema>

/** The first line of a journal. */
export const acceptedSchema = z.object({
  invocation: invocationSchema,
  acceptedAt: z.int(),
  order: z.int(),
  checked: z.boolean().default(false),
})
export type StoredAcceptance = z.infer<typeof acceptedSchema>

/**
 * The reason is in messages, and in English for an agent of an earlier release, which an upgrade may
 * return to.
 */
const failureSchema = z.object({
  state: z.enum(['failed', 'timedOut', 'cancelled']),
  reasonCode: z.enum(taskReasonCodes),
  reason: z.string(),
  reasonMessages: agentReasonSchema,
  exitCode: z.int().optional(),
})

const journalledStepSchema = z.object({
  id: z.enum(installStepIds),
  result: z.discriminatedUnion('status', [
    z.object({ status: z.literal('begun') }),
    z.object({
      status: z.literal('done'),
      unchanged: z.boolean().optional(),
      said: z.string().optional(),
      saidMessages: agentReasonSchema,
      /**
       * Its script requested a reboot, or the machine was rebooting when it ended (`underway`);
       * whether the machine has rebooted since, boot ids say.
       */
      reboot: z.enum(['requested', 'underway', 'refused']).optional(),
    }),
    z.object({ status: z.literal('failed'), began: z.boolean(), failure: failureSchema }),
  ]),
  /** Boot id of the operating system when it started. */
  bootId: z.string(),
  /** From the decision to reboot after it. */
  reboot: z.object({ attempts: z.int() }).optional(),
  /** The mount of the state directory when it started. */
  mount: z.string().optional(),
  /** Steps that run a script. */
  run: z
    .object({
      /** Name of its directory. */
      number: z.int(),
      /** Why it is being ended early. */
      stop: z.enum(['timedOut', 'cancelled']).optional(),
      /** Known when it has ended. */
      ranMs: z.number().optional(),
      stdoutBytes: z.int().optional(),
      stderrBytes: z.int().optional(),
    })
    .optional(),
})

/** The last line of a journal. */
export const journalStateSchema = z.object({
  /** In the order of their starts. */
  steps: z.array(journalledStepSchema),
  cancelled: z.boolean(),
  end: endEntrySchema.optional(),
  /** The effect of the end on the installed record. */
  change: z
    .union([
      z.enum(['none', 'absent']),
      z.object({ status: z.enum(['installed', 'broken']), installation: z.enum(['wanted', 'previous']) }),
    ])
    .optional(),
})
export type StoredJournalState = z.infer<typeof journalStateSchema>

export const connectionRecordSchema = z.object({
  /** The name of the program's folder. */
  program: z.string(),
  pid: z.int(),
})
/** The agent that the server welcomed last, in STATE/connected.json: the proof that an upgrade works. */
export type ConnectionRecord = z.infer<typeof connectionRecordSchema>

export const storedTrustSchema = z.object({
  /** The CAs of the server: it has to present a certificate from one of them. */
  pinned: z.object({ given: z.string(), certificates: z.array(z.string()).min(1) }).optional(),
  caFile: z.string().optional(),
  insecureHttp: z.literal(true).optional(),
})
/** STATE/server-trust.json */
export type StoredTrust = z.infer<typeof storedTrustSchema>

export const newestVersionsSchema = z.record(
  z.string(),
  z.object({ version: z.int().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
)
/** STATE/trust/newest.json: the newest version of each extension that the instance has had. */
export type NewestVersions = z.infer<typeof newestVersionsSchema>

export const usedPlansSchema = z.record(z.string(), z.object({ invocationId: z.string(), expiresAt: z.number() }))
/**
 * STATE/trust/used.json: which invocation uses the signatures of which plan (its SHA-256 and the index
 * of the work), until the plan expires.
 */
export type UsedPlans = z.infer<typeof usedPlansSchema>

export const enrolmentRecordSchema = z.object({ instanceId: instanceIdSchema, serverUrl: z.string() })
/** What setup reads of STATE/identity.json. */
export type EnrolmentRecord = z.infer<typeof enrolmentRecordSchema>
