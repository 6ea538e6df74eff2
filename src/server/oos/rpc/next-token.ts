import type { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import { parseJson } from './parse-json.ts'

/**
 * The position after which a page begins, as opaque text. It contains the operation's name, so that
 * no other operation accepts it.
 */
const renderNextToken = (operation: string, place: readonly unknown[]): string =>
  Buffer.from(JSON.stringify([operation, ...place])).toString('base64url')

/**
 * @param schema of the position, a tuple
 * @throws RequestParameterInvalid for a text that is not a token of this operation
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
 * Builds a page from one row more than it contains, which shows whether there is a next page
 * without another query. `NextToken` is empty on the last one, as clients that loop until it is
 * empty expect.
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
