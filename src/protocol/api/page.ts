/**
 * Lists of the public API are paginated. Instants are ISO 8601 in UTC, sizes are bytes, times are
 * milliseconds.
 */
import { z } from 'zod'

export const instantSchema = z.iso.datetime()

/** A page of a list: `nextToken` continues it and is absent on the last page. */
export const pageQuerySchema = z.object({
  maxResults: z.coerce.number().int().min(1).max(1_000).default(100),
  nextToken: z.string().max(512).optional(),
})

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() })
