import { z } from 'zod'
import { assignmentInputSchema } from './api/assignment/assignments.ts'
import { groupInputSchema } from './api/assignment/groups.ts'
import { versionLabelSchema } from './api/extensions.ts'

const group = z.strictObject(groupInputSchema.omit({ name: true }).shape)
const assignment = z
  .strictObject({ ...assignmentInputSchema.omit({ name: true }).shape, absent: z.literal(true).optional() })
  .superRefine(({ version, absent }, refinement) => {
    if ((version === undefined) !== (absent === true))
      refinement.addIssue({ code: 'custom', path: ['version'], message: 'is required, or absent: true instead of it' })
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
})
export type FleetFile = z.output<typeof fleetFileSchema>
export type FleetFileInput = z.input<typeof fleetFileSchema>
