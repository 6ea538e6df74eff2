/** How spreadsheets are told that text is UTF-8. */
export const csvStart = '\uFEFF'

/** What spreadsheets take for the beginning of a formula. */
const formula = /^[=+\-@\t\r]/

/**
 * A row of CSV (RFC 4180). A cell that a spreadsheet would calculate gets a `'` before it, so that what an agent or a user has said is
 * never a formula on the machine of who opens the file; plain numbers stay numbers.
 */
export const renderCsvRow = (cells: readonly (string | number)[]): string => `${cells.map(renderCell).join(',')}\r\n`

function renderCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell)
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
