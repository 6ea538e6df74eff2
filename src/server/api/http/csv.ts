import papaparse from 'papaparse'

/** Makes spreadsheets read the file as UTF-8. */
export const csvStart = '\uFEFF'

/**
 * Characters that make spreadsheets evaluate a cell as a formula. (The library's own expression
 * misses multi-line texts.)
 */
const formula = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/

/**
 * Renders rows of CSV (RFC 4180), each with its line end. A text that a spreadsheet would evaluate
 * as a formula gets the prefix `'`, because agents and users choose the texts and another user
 * opens the file. Numbers remain numbers.
 */
export const renderCsvRows = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.length === 0 ? '' : `${papaparse.unparse(rows as (string | number)[][], { escapeFormulae: formula })}\r\n`
