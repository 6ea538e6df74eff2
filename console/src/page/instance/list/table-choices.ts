/** In the order in which they stand at first. */
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

/** What a reader chose about the table. */
export interface TableChoices {
  readonly pageSize: number
  readonly wrapLines: boolean
  readonly contentDensity: 'comfortable' | 'compact'
  /** Every column, in the order in which they stand. */
  readonly columns: readonly { readonly id: ColumnId; readonly visible: boolean }[]
}

/** What tells most; the rest is a choice. */
const shownAtFirst: ReadonlySet<ColumnId> = new Set(columnIds.slice(0, 8))

/** The choices out of what a browser kept, which may be of another version of the console: whatever cannot be read is as at first. */
export function readTableChoices(kept: string | undefined): TableChoices {
  const { pageSize, wrapLines, contentDensity, columns } = parse(kept)
  const known = (Array.isArray(columns) ? columns : []).flatMap((column: unknown) => readColumn(column))
  const named = new Set(known.map(({ id }) => id))
  const others = columnIds.filter((id) => !named.has(id)).map((id) => ({ id, visible: shownAtFirst.has(id) }))
  return {
    pageSize: pageSizes.find((size) => size === pageSize) ?? 50,
    wrapLines: wrapLines === true,
    contentDensity: contentDensity === 'compact' ? 'compact' : 'comfortable',
    // A browser that knows nothing yet, or a column that is new: it comes last.
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
    return {} // somebody else wrote there
  }
}
