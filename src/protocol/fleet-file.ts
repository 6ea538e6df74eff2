import { z } from 'zod'
import { policyInputSchema } from './api/access.ts'
import { assignmentInputSchema } from './api/assignment/assignments.ts'
import { groupInputSchema } from './api/assignment/groups.ts'
import { scheduleInputSchema } from './api/automation/schedules.ts'
import { webhookReplacementSchema } from './api/automation/webhooks.ts'
import { versionLabelSchema } from './api/extensions.ts'
import { freezeReplacementSchema } from './api/timing.ts'
import { parameterValuesSchema } from './configuration.ts'

const group = z.strictObject(groupInputSchema.omit({ name: true }).shape)
const assignment = z
  .strictObject({ ...assignmentInputSchema.omit({ name: true }).shape, absent: z.literal(true).optional() })
  .superRefine(({ version, absent }, refinement) => {
    if ((version === undefined) !== (absent === true))
      refinement.addIssue({ code: 'custom', path: ['version'], message: 'is required, or absent: true instead of it' })
  })

/** A secret is the value of an environment variable of `chandler apply`: the file contains only its name. */
const secret = z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable') })
const webhookFields = webhookReplacementSchema.shape
const webhook = z.strictObject({
  /** Absent: that of the webhook on the server. */
  url: z.union([webhookFields.url.unwrap(), secret]).optional(),
  format: webhookFields.format,
  events: webhookFields.events,
  /** Absent: that of the webhook on the server, or a new one. */
  secret: secret.optional(),
})
const schedule = z.strictObject(scheduleInputSchema.omit({ name: true }).shape)
const subject = z.string().regex(/^(group|tag|instance):.+$/s, 'must begin with group:, tag: or instance:')
const policy = z.strictObject({
  description: policyInputSchema.shape.description,
  document: policyInputSchema.shape.document,
})

/** `fleet.yaml`: what `chandler apply` makes of the account. Sections that are absent stay as they are. */
export const fleetFileSchema = z.strictObject({
  extensions: z
    .record(
      z.string(),
      z.strictObject({
        /** Folder with `extension.yaml`, relative to the file: its content is the latest version. */
        from: z.string().min(1).optional(),
        /** Versions by channel. */
        channels: z.record(z.string(), versionLabelSchema).optional(),
      }),
    )
    .optional(),
  groups: z.record(z.string(), group).optional(),
  assignments: z.record(z.string(), assignment).optional(),
  /** By subject (`group:web`, `tag:env=prod`, `instance:i-…`), extension and parameter. */
  values: z.record(subject, z.record(z.string(), parameterValuesSchema)).optional(),
  schedules: z.record(z.string(), schedule).optional(),
  webhooks: z.record(z.string(), webhook).optional(),
  freezes: z.record(z.string(), freezeReplacementSchema).optional(),
  policies: z.record(z.string(), policy).optional(),
})
export type FleetFile = z.output<typeof fleetFileSchema>
export type FleetFileInput = z.input<typeof fleetFileSchema>
