import { z } from 'zod'
import { maxDriftEntries } from '../core/limits.ts'
import { agentReasonSchema } from './agent-reasons.ts'
import { digestSchema, wireText } from './wire-fields.ts'

/** An installed extension whose checks no longer hold. */
const driftEntrySchema = z.object({
  extensionId: wireText(64).min(1),
  version: z.int32().min(1),
  configurationId: wireText(8),
  parametersDigest: digestSchema,
  /** Time since the agent noticed it, in ms. */
  agoMs: z.int().min(0),
  /** Undefined for those of a later agent. */
  reasonMessages: agentReasonSchema,
})
export type DriftEntry = z.infer<typeof driftEntrySchema>

/** Everything that has drifted; only to servers whose welcome has `driftCheckMs`. */
export const driftMessageSchema = z.object({
  type: z.literal('drift'),
  entries: z.array(driftEntrySchema).max(maxDriftEntries),
})
