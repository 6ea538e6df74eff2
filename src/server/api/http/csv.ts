import papaparse from 'papaparse'

/** Makes spreadsheets read the file as UTF-8. */
export const csvStart = '\uFEFF'

/** What spreadsheets take for the start of a formula. (The library's own expression misses a text of several lines.) */
const formula = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/

/**
 * Rows of CSV (RFC 4180), each with its line end. A text that a spreadsheet would run as a formula starts with `'`, because agents and users
 * choose the texts and someone else opens the file. Numbers stay numbers.
 */
export const renderCsvRows = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.length === 0 ? '' : `${papaparse.unparse(rows as (string | number)[][], { escapeFormulae: formula })}\r\n`
