import { type PagePlace, renderPageToken } from './page-token.ts'

/**
 * Builds a page from one row more than it contains, which shows whether there is a next page
 * without another query.
 */
export function makePage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => PagePlace,
  present: (row: Row) => Item,
): { items: Item[]; nextToken?: string } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(present),
    ...(rows.length > limit && last !== undefined ? { nextToken: renderPageToken(placeOf(last)) } : {}),
  }
}
