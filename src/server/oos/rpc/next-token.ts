import type { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import { parseJson } from './parse-json.ts'

/** The place after which a page begins, as opaque text. The operation is in it, so that no other takes it for its own. */
const renderNextToken = (operation: string, place: readonly unknown[]): string =>
  Buffer.from(JSON.stringify([operation, ...place])).toString('base64url')

/**
 * @param schema of the place, a tuple
 * @throws RequestParameterInvalid for a text that this operation has not given
 */
export function parseNextToken<Place extends readonly unknown[]>(
  operation: string,
  token: string | undefined,
  schema: z.ZodType<Place>,
): Place | undefined {
  if (token === undefined) return undefined
  const parsed = parseJson(Buffer.from(token, 'base64url').toString('utf8'))
  const [name, ...place] = 'value' in parsed && Array.isArray(parsed.value) ? parsed.value : []
  const checked = schema.safeParse(place)
  if (name === operation && checked.success) return checked.data
  throw chandlerError('RequestParameterInvalid', { name: 'NextToken', reason: `is not one that ${operation} gave` })
}

/**
 * A page from one row more than it holds: whether there is a next page is known without asking for it. `NextToken` is empty on the last
 * one, as clients that loop until it is empty expect.
 */
export function makeOosPage<Row, Item>(
  operation: string,
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => readonly unknown[],
  present: (row: Row) => Item,
): { readonly items: Item[]; readonly NextToken: string } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const NextToken = rows.length > limit && last !== undefined ? renderNextToken(operation, placeOf(last)) : ''
  return { items: shown.map(present), NextToken }
}
