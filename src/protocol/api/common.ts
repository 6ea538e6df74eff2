/** Pieces that every resource of the public API shares. Instants are ISO 8601 in UTC, sizes are bytes, times are milliseconds. */
import { z } from 'zod'

export const instantSchema = z.iso.datetime()

/** A page of a list: `nextToken` continues it and is absent on the last page. */
export const pageQuerySchema = z.object({
  maxResults: z.coerce.number().int().min(1).max(1_000).default(100),
  nextToken: z.string().max(512).optional(),
})

export const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextToken: z.string().optional() })

/** RFC 9457. `code` is from the one catalogue (docs/errors.md); `next` says what to do. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    next: z.string(),
    /** Single mistakes with their places, where there are several. */
    problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problemSchema>
