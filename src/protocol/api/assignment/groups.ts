import { z } from 'zod'
import { groupNamePattern } from '../../../core/instance/group.ts'
import { maxFilterLength, maxNoteLength } from '../../../core/limits.ts'
import { instantSchema } from '../page.ts'

const groupNameSchema = z
  .string()
  .regex(groupNamePattern, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')

export const groupSchema = z
  .object({
    name: z.string(),
    description: z.string(),
    filter: z.string().describe('`all`, or conditions as in the filter of instances.'),
    instanceCount: z.int().describe('Matching instances that the caller may see.'),
    offlineCount: z.int(),
    createdBy: z.string(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Group' })
export const groupsSchema = z.object({ items: z.array(groupSchema) })
export type GroupView = z.infer<typeof groupSchema>

const filter = z.string().min(1).max(maxFilterLength)
const description = z.string().max(maxNoteLength)

/** POST /groups. */
export const groupInputSchema = z
  .strictObject({ name: groupNameSchema, filter, description: description.default('') })
  .meta({ id: 'GroupRequest' })
export type GroupInput = z.input<typeof groupInputSchema>

/** PATCH /groups/{name}: absent fields remain as they are. */
export const groupPatchSchema = z
  .strictObject({ filter: filter.optional(), description: description.optional() })
  .meta({ id: 'GroupPatch' })
export type GroupPatch = z.input<typeof groupPatchSchema>
