import { printable } from './printable.ts'
import type { Sink, Style } from './sink.ts'

/** A column: heading, cell text, and style. */
export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string | number | undefined
  readonly style?: (row: Row) => Style | undefined
}

/**
 * Rows under headings, not truncated: a terminal wraps them, a pipe receives them whole. Prints
 * `none` if there are no rows.
 */
export function printTable<Row>(sink: Sink, rows: readonly Row[], columns: readonly Column<Row>[], none: string): void {
  if (rows.length === 0) {
    sink.line(none)
    return
  }
  const cells = rows.map((row) => columns.map(({ text }) => printable(String(text(row) ?? '')) || '-'))
  const widths = columns.map(({ title }, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), title.length),
  )
  const pad = (text: string, column: number) =>
    column === columns.length - 1 ? text : text.padEnd((widths[column] ?? 0) + 2)
  sink.line(sink.style('dim', columns.map(({ title }, column) => pad(title.toUpperCase(), column)).join('')))
  rows.forEach((row, index) => {
    const line = columns.map(({ style }, column) => {
      const text = pad(cells[index]?.[column] ?? '', column)
      const chosen = style?.(row)
      return chosen ? sink.style(chosen, text) : text
    })
    sink.line(line.join('').trimEnd())
  })
}

/** Name-value pairs of one object; absent values are omitted. */
export function printFields(sink: Sink, fields: readonly (readonly [string, string | number | undefined])[]): void {
  const shown = fields.filter(([, value]) => value !== undefined && value !== '')
  const width = shown.reduce((longest, [name]) => Math.max(longest, name.length), 0)
  for (const [name, value] of shown)
    sink.line(`${sink.style('dim', name.padEnd(width + 2))}${printable(String(value))}`)
}
