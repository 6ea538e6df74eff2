export interface RowQuery {
  readonly find: string
  /** Column name, prefixed with `-` for descending order; empty: original order. */
  readonly sort: string
  /** Starts at 1. */
  readonly page: number
}

export interface Rows<Item> {
  readonly items: readonly Item[]
  readonly matchCount: number
  readonly page: number
  readonly pageCount: number
}

export const rowsPerPage = 25

/**
 * Filters, sorts and paginates a fully loaded list. A page beyond the end becomes the last page.
 */
export function findRows<Item>(
  all: readonly Item[],
  { find, sort, page }: RowQuery,
  {
    textOf,
    comparators,
  }: {
    readonly textOf: (item: Item) => string
    readonly comparators: Readonly<Record<string, (one: Item, other: Item) => number>>
  },
): Rows<Item> {
  const searched = find.trim().toLowerCase()
  const matches = searched === '' ? all : all.filter((item) => textOf(item).toLowerCase().includes(searched))
  const isBackwards = sort.startsWith('-')
  const column = isBackwards ? sort.slice(1) : sort
  const compare = Object.hasOwn(comparators, column) ? comparators[column] : undefined
  const sorted = compare
    ? matches.toSorted((one, other) => (isBackwards ? compare(other, one) : compare(one, other)))
    : matches
  const pageCount = Math.max(1, Math.ceil(sorted.length / rowsPerPage))
  const shown = Math.min(Math.max(1, page), pageCount)
  return {
    items: sorted.slice((shown - 1) * rowsPerPage, shown * rowsPerPage),
    matchCount: matches.length,
    page: shown,
    pageCount,
  }
}
