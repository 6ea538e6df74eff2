/** In default order. */
export const columnIds = [
  'name',
  'status',
  'os',
  'extensions',
  'tags',
  'addresses',
  'group',
  'lastSeen',
  'id',
  'arch',
  'kernel',
  'hostName',
  'region',
  'instanceType',
  'role',
  'agent',
  'enrolled',
] as const
export type ColumnId = (typeof columnIds)[number]

export const pageSizes = [20, 50, 100, 200] as const

/** Table preferences of the user. */
export interface TableChoices {
  readonly pageSize: number
  readonly wrapLines: boolean
  readonly contentDensity: 'comfortable' | 'compact'
  /** All columns in display order. */
  readonly columns: readonly { readonly id: ColumnId; readonly visible: boolean }[]
}

/** Default columns. */
const shownAtFirst: ReadonlySet<ColumnId> = new Set(columnIds.slice(0, 8))

/** Reads stored preferences, possibly of another console version; invalid parts become defaults. */
export function readTableChoices(kept: string | undefined): TableChoices {
  const { pageSize, wrapLines, contentDensity, columns } = parse(kept)
  const known = (Array.isArray(columns) ? columns : []).flatMap((column: unknown) => readColumn(column))
  const named = new Set(known.map(({ id }) => id))
  const others = columnIds.filter((id) => !named.has(id)).map((id) => ({ id, visible: shownAtFirst.has(id) }))
  return {
    pageSize: pageSizes.find((size) => size === pageSize) ?? 50,
    wrapLines: wrapLines === true,
    contentDensity: contentDensity === 'compact' ? 'compact' : 'comfortable',
    // New columns come last.
    columns: [...known.filter(({ id }, index) => known.findIndex((other) => other.id === id) === index), ...others],
  }
}

function readColumn(column: unknown): { readonly id: ColumnId; readonly visible: boolean }[] {
  if (typeof column !== 'object' || column === null) return []
  const { id, visible } = column as Readonly<Record<string, unknown>>
  const found = columnIds.find((known) => known === id)
  return found === undefined ? [] : [{ id: found, visible: visible === true || found === 'name' }]
}

function parse(kept: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(kept ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {} // not JSON: not written by this console
  }
}
