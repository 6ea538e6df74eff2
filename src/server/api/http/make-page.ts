import { type PagePlace, renderPageToken } from './page-token.ts'

/** A page from one row more than it holds: whether there is a next page is known without asking for it. */
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
