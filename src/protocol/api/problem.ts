import { z } from 'zod'
import { reasonMessagesSchema } from './reasons.ts'

/** PlanChanged: the reasons of a target in the expected plan and in the current one, as messages. */
export const problemReasonsShape = {
  before: reasonMessagesSchema.optional(),
  after: reasonMessagesSchema.optional(),
}

/** RFC 9457. `code` is from the error catalogue (docs/errors.md); `next` says what to do. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    next: z.string(),
    /** What `detail` and `next` contain, by its name in the catalogue: for texts in another language. */
    arguments: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    /** Single problems with their places, if there are several. */
    problems: z.array(z.object({ path: z.string(), message: z.string(), ...problemReasonsShape })).optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problemSchema>
