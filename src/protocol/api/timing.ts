import { z } from 'zod'
import { instantSchema } from './page.ts'

/** When an execution may start tasks: part of a start request. */
export const timingShape = {
  /** Nothing starts before. */
  startAt: z.iso.datetime({ offset: true }).optional(),
  /** Maintenance window, such as `Mon-Fri 01:00-05:00 Asia/Shanghai`: nothing starts outside. */
  window: z.string().min(1).max(200).optional(),
  /** Start although a freeze of the account is in effect; needs `chandler:OverrideFreeze`. */
  ignoreFreezes: z.boolean().optional(),
}

export const freezeSchema = z
  .object({ name: z.string(), beginsAt: instantSchema, endsAt: instantSchema, createdBy: z.string() })
  .meta({ id: 'Freeze' })
export type FreezeView = z.output<typeof freezeSchema>
export const freezesSchema = z.object({ items: z.array(freezeSchema) })

const freezeTimes = {
  /** Absent = now; of a freeze that exists: unchanged. */
  beginsAt: z.iso.datetime({ offset: true }).optional(),
  endsAt: z.iso.datetime({ offset: true }),
}

/** POST /freezes. */
export const freezeInputSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
    ...freezeTimes,
  })
  .meta({ id: 'FreezeRequest' })
export type FreezeInput = z.input<typeof freezeInputSchema>

/** PUT /freezes/{name}. */
export const freezeReplacementSchema = z.strictObject(freezeTimes).meta({ id: 'FreezeReplacement' })
